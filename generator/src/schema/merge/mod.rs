//! Two schemas of one API as one, such as those of production and of QA: [`Schema::merge`](super::Schema::merge).

mod build;
mod builder;
mod member;
mod pairs;
mod take;
mod types;
