//! What was exported so far: a file of records, and the position of the shards at its end.

use super::Result;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use xurrent::shards::ShardsPosition;

/// The records, of which those up to the last checkpoint are safe.
pub(crate) struct Kept {
    records: BufWriter<File>,
    bytes: u64,
    since_checkpoint: u64,
    /// After how many records a checkpoint is written.
    distance: u64,
    place: PathBuf,
    checkpoint: Checkpoint,
}

/// How much of the file counts, and where the shards go on behind it.
#[derive(Default, Serialize, Deserialize)]
struct Checkpoint {
    bytes: u64,
    position: Option<ShardsPosition>,
}

impl Kept {
    /// Opens both files. What was written behind the last checkpoint is cut off: it comes again.
    pub(crate) fn open(directory: &Path, name: &str, anew: bool, distance: u64) -> Result<Self> {
        let place = directory.join(format!("{name}.position.json"));
        let checkpoint: Checkpoint = match std::fs::read(&place) {
            Ok(json) if !anew => serde_json::from_slice(&json).map_err(|error| {
                format!("{} cannot be used ({error}): begin with --anew", place.display())
            })?,
            Ok(_) => Checkpoint::default(),
            Err(error) if error.kind() == ErrorKind::NotFound => Checkpoint::default(),
            Err(error) => return Err(format!("{} cannot be read: {error}", place.display()).into()),
        };
        let path = directory.join(format!("{name}.jsonl"));
        let file = OpenOptions::new().create(true).append(true).open(&path)?;
        if file.metadata()?.len() < checkpoint.bytes {
            return Err(format!("{} is shorter than it was: begin with --anew", path.display()).into());
        }
        file.set_len(checkpoint.bytes)?;
        Ok(Self {
            records: BufWriter::new(file),
            bytes: checkpoint.bytes,
            since_checkpoint: 0,
            distance,
            place,
            checkpoint,
        })
    }

    /// Where to go on.
    pub(crate) fn position(&self) -> Option<ShardsPosition> {
        self.checkpoint.position.clone()
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.checkpoint.position.as_ref().is_some_and(ShardsPosition::is_complete)
    }

    /// How many records there are.
    pub(crate) fn taken(&self) -> u64 {
        let safe = self.checkpoint.position.as_ref().map_or(0, ShardsPosition::taken);
        self.since_checkpoint + u64::try_from(safe).unwrap_or(u64::MAX)
    }

    /// Appends a page of records, behind which the shards are at this position.
    pub(crate) fn write(
        &mut self,
        records: &[impl Serialize],
        position: impl FnOnce() -> Option<ShardsPosition>,
    ) -> Result<()> {
        for record in records {
            let mut line = serde_json::to_vec(record)?;
            line.push(b'\n');
            self.records.write_all(&line)?;
            self.bytes += line.len() as u64;
            self.since_checkpoint += 1;
        }
        if self.since_checkpoint >= self.distance {
            self.save(position())?;
        }
        Ok(())
    }

    /// The records are on the disk before the checkpoint says so, and a checkpoint is there whole or
    /// not at all.
    pub(crate) fn save(&mut self, position: Option<ShardsPosition>) -> Result<()> {
        self.records.flush()?;
        self.records.get_ref().sync_data()?;
        self.checkpoint = Checkpoint { bytes: self.bytes, position };
        self.since_checkpoint = 0;
        let next = self.place.with_extension("next");
        let mut file = File::create(&next)?;
        serde_json::to_writer(&mut file, &self.checkpoint)?;
        file.sync_all()?;
        std::fs::rename(next, &self.place)?;
        Ok(())
    }
}
