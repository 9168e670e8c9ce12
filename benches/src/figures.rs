//! What was measured, in figures that can be compared.

use std::time::Duration;

/// Durations of one kind.
#[derive(Debug, Default)]
pub struct Durations(Vec<Duration>);

impl Durations {
    pub fn push(&mut self, one: Duration) {
        self.0.push(one);
    }

    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The duration that so many hundredths of them do not exceed.
    pub fn hundredth(&mut self, hundredth: usize) -> Duration {
        self.0.sort_unstable();
        let at = (self.0.len() * hundredth).div_ceil(100).saturating_sub(1);
        self.0.get(at).copied().unwrap_or_default()
    }

    /// Median, 99th hundredth and the longest.
    pub fn line(&mut self) -> String {
        let ms = |duration: Duration| format!("{:.1} ms", duration.as_secs_f64() * 1000.0);
        let (half, most, all) = (self.hundredth(50), self.hundredth(99), self.hundredth(100));
        format!("p50 {}, p99 {}, longest {}", ms(half), ms(most), ms(all))
    }
}

/// What a process has taken so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Taken {
    /// Resident memory in KiB.
    pub resident: u64,
    /// Processor time, of all its threads.
    pub processor: Duration,
}

/// Ticks of a second in `/proc`: fixed by the kernel's interface.
const TICKS: u64 = 100;

impl Taken {
    /// Reads `/proc/PID`; nothing where there is no such process.
    pub fn by(pid: u32) -> Self {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let resident = resident.and_then(|text| text.split_whitespace().next()?.parse().ok());
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // Behind the name, which may hold spaces: state is the first, utime the 12th, stime the 13th.
        let behind = stat.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
        let ticks: u64 = behind
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|text| text.parse::<u64>().ok())
            .sum();
        Self {
            resident: resident.unwrap_or_default(),
            processor: Duration::from_millis(ticks * 1000 / TICKS),
        }
    }

    /// Processor time since then, as a part of one core.
    pub fn cores_since(self, before: Self, time: Duration) -> f64 {
        (self.processor - before.processor).as_secs_f64() / time.as_secs_f64()
    }
}
