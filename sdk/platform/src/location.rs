//! The environments of Xurrent: stages, regions, domains.

/// The environments that Xurrent runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// `xurrent.com`
    Production,
    /// `xurrent.qa`: newer than production, without real data.
    Qa,
    /// `xurrent-demo.com`: one for all regions.
    Demo,
}

/// The regions of production and QA.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Region {
    /// Europe and everything that has no region of its own: no prefix.
    Global,
    /// Australia: `au.xurrent.com`
    Au,
    /// Switzerland: `ch.xurrent.com`
    Ch,
    /// United Kingdom: `uk.xurrent.com`
    Uk,
    /// United States: `us.xurrent.com`
    Us,
}

impl Stage {
    /// The domain of this stage in a region: its hosts are `graphql.`, `oauth.` and `api.` of it.
    pub const fn domain(self, region: Region) -> &'static str {
        match (self, region) {
            (Self::Production, Region::Global) => "xurrent.com",
            (Self::Production, Region::Au) => "au.xurrent.com",
            (Self::Production, Region::Ch) => "ch.xurrent.com",
            (Self::Production, Region::Uk) => "uk.xurrent.com",
            (Self::Production, Region::Us) => "us.xurrent.com",
            (Self::Qa, Region::Global) => "xurrent.qa",
            (Self::Qa, Region::Au) => "au.xurrent.qa",
            (Self::Qa, Region::Ch) => "ch.xurrent.qa",
            (Self::Qa, Region::Uk) => "uk.xurrent.qa",
            (Self::Qa, Region::Us) => "us.xurrent.qa",
            (Self::Demo, _) => "xurrent-demo.com",
        }
    }
}
