//! The list of commands, in groups: a reader finds the one that is needed without reading all.

use clap::Command;

const GROUPS: &[(&str, &[&str])] = &[
    ("Describe and change", &["descriptor", "plan", "apply", "delete"]),
    ("See", &["get", "describe", "watch", "topology", "diff", "blame", "explain"]),
    ("Run the network", &["operation", "reconcile"]),
    ("Daemon", &["serve"]),
    ("Lab and simulators", &["lab", "trace", "sim"]),
    ("Other", &["solve", "completions", "help"]),
];

const TEMPLATE: &str =
    "{about-with-newline}\n{usage-heading} {usage}\n\n{before-help}{options}{after-help}";

/// The program's command with its commands in groups.
pub(crate) fn grouped(mut program: Command) -> Command {
    program.build();
    let commands = commands(&program);
    let template = TEMPLATE.replace("{before-help}", &commands);
    program.help_template(template)
}

fn commands(program: &Command) -> String {
    let width = program.get_subcommands().map(|c| c.get_name().len()).max().unwrap_or_default();
    let mut text = String::new();
    for (title, names) in GROUPS {
        let found: Vec<_> = names.iter().filter_map(|name| program.find_subcommand(name)).collect();
        if found.is_empty() {
            continue;
        }
        text.push_str(title);
        text.push_str(":\n");
        for command in found {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            text.push_str(&format!("  {:width$}  {about}\n", command.get_name()));
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;
    use std::collections::BTreeSet;

    #[test]
    fn every_command_is_in_one_group() {
        let mut program = crate::Cli::command();
        program.build();
        let there: BTreeSet<&str> = program.get_subcommands().map(Command::get_name).collect();
        let listed: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| *names).copied().collect();
        assert_eq!(listed.iter().copied().collect::<BTreeSet<_>>(), there);
        assert_eq!(listed.len(), there.len());
    }
}
