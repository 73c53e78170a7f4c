//! The scalars `Decimal` and `MonetaryAmount`, exact in numbers and strings.

use rust_decimal::Decimal;

/// Parses without rounding. Refuses a number with too many digits.
#[doc(hidden)]
pub fn parse(text: &str) -> Option<Decimal> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let plain = mantissa.trim_start_matches(['-', '+']);
    let digits_only = plain.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if !digits_only || !plain.bytes().any(|byte| byte.is_ascii_digit()) || mantissa.len() - plain.len() > 1 {
        return None;
    }
    let value = Decimal::from_str_exact(mantissa).ok()?;
    let scale = i32::try_from(value.scale()).ok()?.checked_sub(exponent)?;
    if let Ok(scale) = u32::try_from(scale) {
        return Decimal::try_from_i128_with_scale(value.mantissa(), scale).ok();
    }
    let factor = 10_i128.checked_pow(scale.unsigned_abs())?;
    Decimal::try_from_i128_with_scale(value.mantissa().checked_mul(factor)?, 0).ok()
}
