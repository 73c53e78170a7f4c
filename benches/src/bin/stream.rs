//! Streams people from a server and prints time and peak memory. A program of its own, because its
//! counting allocator would slow down other benchmarks.

use peak_alloc::PeakAlloc;
use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Time of the consumer for a page.
const CONSUMER: Duration = Duration::from_millis(20);

const PAGE: usize = 100;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(url), Some(pages)) = (arguments.next(), arguments.next()) else {
        return Err("usage: xurrent-bench-stream URL PAGES".into());
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run(&url, pages.parse()?))
}

async fn run(url: &str, pages: usize) -> Result<(), Box<dyn Error>> {
    let builder = xurrent::Client::builder().account("wdc").endpoints(url, url);
    let client = builder.personal_access_token("token").no_rate_limit().build()?;
    // Allocates everything that is allocated once.
    let mut stream = client.people().limit(3 * PAGE).stream();
    while stream.try_next().await?.is_some() {}
    drop(stream);

    MEMORY.reset_peak_usage();
    let (idle, started) = (MEMORY.current_usage(), Instant::now());
    let (mut stream, mut records) = (client.people().stream(), 0_usize);
    while let Some(person) = stream.try_next().await? {
        black_box(person);
        records += 1;
        if records.is_multiple_of(PAGE) && records < pages * PAGE {
            tokio::time::sleep(CONSUMER).await;
        }
    }
    let (seconds, peak) = (started.elapsed().as_secs_f64(), MEMORY.peak_usage());
    drop(stream);

    let page = client.people().limit(PAGE).all().await?;
    let with_page = MEMORY.current_usage();
    drop(page);
    let page = with_page - MEMORY.current_usage();
    let peak = peak - idle;
    println!(r#"{{"seconds":{seconds},"records":{records},"peak":{peak},"page":{page}}}"#);
    Ok(())
}
