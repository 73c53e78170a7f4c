//! Default selections: which objects a type fetches in whole, without cycles and within limits.

use super::components::components;
use crate::config::Selections;
use std::cmp::Reverse;
use std::collections::HashMap;

/// The default selections of all object types.
#[derive(Default)]
pub(super) struct Defaults<'a> {
    limits: Selections,
    /// The places of the types in `sizes`.
    types: HashMap<&'a str, usize>,
    sizes: Vec<Size>,
}

/// How large a default selection is.
#[derive(Clone, Copy, Default)]
struct Size {
    /// Types of one component contain each other.
    component: usize,
    /// Levels of nested objects, the type itself included.
    depth: usize,
    /// Fields on all levels.
    fields: usize,
    /// How large an object in it may be.
    most: usize,
    /// Whether a limit leaves out an object.
    is_limited: bool,
}

/// What a default selection does with an object.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Inlining {
    Whole,
    /// The object contains the type.
    Cycle,
    /// The selection would become too deep or too large.
    Limit,
}

/// A field of a default selection.
pub(super) enum Part<'a> {
    /// Its depth, and the fields in it.
    Fixed(usize, usize),
    Object(&'a str),
}

impl<'a> Defaults<'a> {
    /// `parts` are the fields that the default selection of a type has.
    pub(super) fn of(
        limits: Selections,
        types: Vec<&'a str>,
        parts: impl Fn(&'a str) -> Vec<Part<'a>>,
    ) -> Self {
        let sizes = vec![Size::default(); types.len()];
        let places = types.iter().copied().zip(0..).collect();
        let mut this = Self { limits, types: places, sizes };
        let (mut own, mut objects) = (Vec::new(), Vec::new());
        for name in types {
            let (mut size, mut inner) = ((1, 0), Vec::new());
            for part in parts(name) {
                match part {
                    Part::Fixed(depth, fields) => size = (size.0.max(depth + 1), size.1 + fields),
                    Part::Object(name) => inner.extend(this.index(name)),
                }
            }
            own.push(size);
            objects.push(inner);
        }
        let components = components(&objects);
        for (component, members) in components.iter().enumerate() {
            members.iter().for_each(|member| this.sizes[*member].component = component);
        }
        for &member in components.iter().flatten() {
            this.sizes[member] = this.limited(member, own[member], &objects[member]);
        }
        this
    }

    fn index(&self, name: &str) -> Option<usize> {
        self.types.get(name).copied()
    }

    /// The size of a type with fields of its own and objects, whose sizes are known but for those in a cycle.
    /// What exceeds a limit is left out, the largest objects first, those of one size together.
    fn limited(&self, member: usize, (depth, fields): (usize, usize), objects: &[usize]) -> Size {
        let component = self.sizes[member].component;
        let objects = objects.iter().map(|object| self.sizes[*object]);
        let mut objects: Vec<Size> = objects.filter(|it| it.component != component).collect();
        let all = objects.len();
        objects.retain(|object| object.depth < self.limits.max_depth);
        objects.sort_unstable_by_key(|object| Reverse(object.fields));
        let mut fields =
            objects.iter().fold(fields, |fields, object| fields.saturating_add(object.fields + 1));
        let mut kept = objects.as_slice();
        while let (Some(largest), true) = (kept.first(), fields > self.limits.max_fields) {
            let left_out = kept.iter().take_while(|object| object.fields == largest.fields).count();
            fields -= left_out * (largest.fields + 1);
            kept = &kept[left_out..];
        }
        Size {
            component,
            depth: kept.iter().map(|object| object.depth + 1).fold(depth, usize::max),
            // `__typename`, if there is no other.
            fields: fields.max(1),
            most: kept.first().map_or(0, |object| object.fields),
            is_limited: kept.len() < all,
        }
    }

    /// Whether a limit leaves an object out of the default selection of `owner`.
    pub(super) fn is_limited(&self, owner: &str) -> bool {
        self.size(owner).is_some_and(|size| size.is_limited)
    }

    fn size(&self, name: &str) -> Option<&Size> {
        self.index(name).and_then(|index| self.sizes.get(index))
    }

    /// What the default selection of `owner` does with an object in it.
    pub(super) fn inlining(&self, owner: &str, object: &str) -> Inlining {
        // Interfaces and root types have no default selection.
        let (Some(owner), Some(object)) = (self.size(owner), self.size(object)) else {
            return Inlining::Whole;
        };
        if owner.component == object.component {
            Inlining::Cycle
        } else if object.depth < self.limits.max_depth && object.fields <= owner.most {
            Inlining::Whole
        } else {
            Inlining::Limit
        }
    }
}
