//! Archiving, trashing and restoring records.

use super::Client;
use crate::life_cycle::{LifeCycle, LifeCycleCall, Transition};
use crate::{ConfigurationItem, Id, Person, Problem, Project, Release, Request, TimeEntry, Workflow};

macro_rules! archived_by_rest {
    ($($record:ident $path:literal,)*) => {$(
        impl LifeCycle for $record {
            const PATH: &'static str = $path;
        }
    )*};
}

archived_by_rest! {
    ConfigurationItem "cis",
    Person "people",
    Problem "problems",
    Project "projects",
    Release "releases",
    Request "requests",
    TimeEntry "time_entries",
    Workflow "workflows",
}

impl Client {
    /// Archives a record that is no longer in use, through the REST interface: GraphQL cannot. Costs one request, which
    /// is never executed twice. [`life_cycle`](crate::life_cycle) says which records the server archives.
    ///
    /// A stage and a domain have a REST endpoint. Beside [`endpoints`](crate::ClientBuilder::endpoints),
    /// [`rest_endpoint`](crate::ClientBuilder::rest_endpoint) sets it; without it the call is an error.
    ///
    /// ```no_run
    /// # async fn example(client: xurrent::Client, id: xurrent::Id) -> xurrent::Result<()> {
    /// use xurrent::{Person, PersonUpdateInput};
    ///
    /// client.person_update(PersonUpdateInput::new(&id).disabled(true)).await?;
    /// client.record_archive::<Person>(&id).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`LifeCycleCall::send`].
    pub fn record_archive<R: LifeCycle>(&self, id: &Id) -> LifeCycleCall {
        LifeCycleCall::new::<R>(&self.core, &self.state, id, Transition::Archive)
    }

    /// Moves a record that is no longer in use to the trash, from which the server deletes it later. Like
    /// [`record_archive`](Self::record_archive).
    ///
    /// ```no_run
    /// # async fn example(client: xurrent::Client, id: xurrent::Id) -> xurrent::Result<()> {
    /// client.record_trash::<xurrent::Request>(&id).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`LifeCycleCall::send`].
    pub fn record_trash<R: LifeCycle>(&self, id: &Id) -> LifeCycleCall {
        LifeCycleCall::new::<R>(&self.core, &self.state, id, Transition::Trash)
    }

    /// Restores a record from the archive or the trash. Like [`record_archive`](Self::record_archive).
    ///
    /// ```no_run
    /// # async fn example(client: xurrent::Client, id: xurrent::Id) -> xurrent::Result<()> {
    /// client.record_restore::<xurrent::Request>(&id).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`LifeCycleCall::send`].
    pub fn record_restore<R: LifeCycle>(&self, id: &Id) -> LifeCycleCall {
        LifeCycleCall::new::<R>(&self.core, &self.state, id, Transition::Restore)
    }
}

#[cfg(feature = "blocking")]
impl super::blocking::Client {
    /// See [`Client::record_archive`].
    pub fn record_archive<R: LifeCycle>(&self, id: &Id) -> super::blocking::Call<LifeCycleCall> {
        self.blocking_call(self.as_async().record_archive::<R>(id))
    }

    /// See [`Client::record_trash`].
    pub fn record_trash<R: LifeCycle>(&self, id: &Id) -> super::blocking::Call<LifeCycleCall> {
        self.blocking_call(self.as_async().record_trash::<R>(id))
    }

    /// See [`Client::record_restore`].
    pub fn record_restore<R: LifeCycle>(&self, id: &Id) -> super::blocking::Call<LifeCycleCall> {
        self.blocking_call(self.as_async().record_restore::<R>(id))
    }
}
