//! The command line.

use clap::{Parser, ValueEnum};

#[derive(Parser, Debug)]
#[command(name = "bench", about = "Measure the real program on the default lab")]
pub(crate) struct Arguments {
    /// One part alone; all of them where it is left out
    #[arg(value_enum)]
    part: Option<Part>,

    /// Connections that are asked for at once
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) services: u32,

    /// How the numbers are written
    #[arg(short, long, value_enum, default_value_t = Form::Table)]
    pub(crate) output: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// From the start of a process to its ready line
    Start,
    /// Dry runs: plans that change nothing
    Plans,
    /// Intents accepted, services applied and taken away, and what memory that takes
    Services,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    Table,
    Json,
}

impl Part {
    const ALL: [Self; 3] = [Self::Start, Self::Plans, Self::Services];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Plans => "plans",
            Self::Services => "services",
        }
    }

    pub(crate) fn about(self) -> &'static str {
        match self {
            Self::Start => "cold starts",
            Self::Plans => "plans on an empty lab",
            Self::Services => "services on the lab's switches and VIMs",
        }
    }

    /// What a person types to have its numbers again.
    pub(crate) fn command(self) -> String {
        format!("cargo xtask bench {}", self.name())
    }
}

impl Arguments {
    pub(crate) fn parts(&self) -> Vec<Part> {
        self.part.map_or_else(|| Part::ALL.to_vec(), |part| vec![part])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_beside_a_number_measures_that_part() {
        for part in Part::ALL {
            let command = part.command();
            let words = command.strip_prefix("cargo xtask ").unwrap().split(' ');
            assert_eq!(Arguments::try_parse_from(words).unwrap().parts(), [part]);
        }
        assert_eq!(Arguments::try_parse_from(["bench"]).unwrap().parts(), Part::ALL);
        assert!(Arguments::try_parse_from(["bench", "nothing"]).is_err());
        assert!(Arguments::try_parse_from(["bench", "--services", "0"]).is_err());
    }
}
