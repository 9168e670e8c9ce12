//! A small disk that a test can fill up.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::watchdog;

/// A file system of its own, with a real end.
pub struct SmallDisk {
    directory: PathBuf,
}

impl SmallDisk {
    /// One of so many megabytes; `None`, after saying so loudly, where this process may not mount one.
    pub fn mount(megabytes: u32) -> Option<Self> {
        let directory = watchdog::new_directory("disk");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o"])
            .arg(format!("size={megabytes}m,mode=755"))
            .arg("tmpfs")
            .arg(&directory)
            .stderr(Stdio::null())
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self { directory });
        }
        crate::not_run("a file system cannot be mounted here");
        None
    }

    pub fn path(&self) -> &Path {
        &self.directory
    }

    /// Takes all the room there is.
    ///
    /// # Panics
    /// Where there is no end to it.
    pub fn fill(&self) {
        let mut ballast = std::fs::File::create(self.ballast()).expect("a file can be made");
        let page = [0_u8; 4096];
        for _ in 0..1_000_000 {
            if ballast.write_all(&page).is_err() {
                return;
            }
        }
        panic!("the disk has no end");
    }

    /// Gives the room back.
    ///
    /// # Panics
    /// Where it was not filled.
    pub fn make_room(&self) {
        std::fs::remove_file(self.ballast()).expect("the ballast is there");
    }

    fn ballast(&self) -> PathBuf {
        self.directory.join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: who still holds a file on it keeps it for as long as that.
        let _ = Command::new("umount").arg("-l").arg(&self.directory).status();
    }
}
