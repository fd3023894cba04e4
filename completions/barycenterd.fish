# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_barycenterd_global_optspecs
    string join \n config= h/help V/version
end

function __fish_barycenterd_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_barycenterd_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_barycenterd_using_subcommand
    set -l cmd (__fish_barycenterd_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c barycenterd -n "__fish_barycenterd_needs_command" -l config -d 'The configuration file' -r -F
complete -c barycenterd -n "__fish_barycenterd_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c barycenterd -n "__fish_barycenterd_needs_command" -s V -l version -d 'Print version'
complete -c barycenterd -n "__fish_barycenterd_needs_command" -f -a "serve" -d 'Bring the database up to date, then serve until SIGTERM (the default)'
complete -c barycenterd -n "__fish_barycenterd_needs_command" -f -a "migrate" -d 'Bring the database\'s schema up to date and exit'
complete -c barycenterd -n "__fish_barycenterd_needs_command" -f -a "check-config" -d 'Check the configuration and exit'
complete -c barycenterd -n "__fish_barycenterd_needs_command" -f -a "healthcheck" -d 'Ask the daemon on this machine whether it is ready, and exit: for containers without a shell'
complete -c barycenterd -n "__fish_barycenterd_needs_command" -f -a "sync-users" -d 'Make the users match a file and exit; brings the database up to date first'
complete -c barycenterd -n "__fish_barycenterd_needs_command" -f -a "schema" -d 'Print a generated schema'
complete -c barycenterd -n "__fish_barycenterd_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c barycenterd -n "__fish_barycenterd_needs_command" -f -a "man" -d 'Print the manual page, or write all of them to a folder'
complete -c barycenterd -n "__fish_barycenterd_using_subcommand serve" -l config -d 'The configuration file' -r -F
complete -c barycenterd -n "__fish_barycenterd_using_subcommand serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c barycenterd -n "__fish_barycenterd_using_subcommand migrate" -l config -d 'The configuration file' -r -F
complete -c barycenterd -n "__fish_barycenterd_using_subcommand migrate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c barycenterd -n "__fish_barycenterd_using_subcommand check-config" -l config -d 'The configuration file' -r -F
complete -c barycenterd -n "__fish_barycenterd_using_subcommand check-config" -l print -d 'Show every value and where it comes from; secrets are never shown'
complete -c barycenterd -n "__fish_barycenterd_using_subcommand check-config" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c barycenterd -n "__fish_barycenterd_using_subcommand healthcheck" -l timeout -d 'How long it may take to answer' -r
complete -c barycenterd -n "__fish_barycenterd_using_subcommand healthcheck" -l config -d 'The configuration file' -r -F
complete -c barycenterd -n "__fish_barycenterd_using_subcommand healthcheck" -l ready -d 'Whether it serves: its database answers and it is not shutting down (the default)'
complete -c barycenterd -n "__fish_barycenterd_using_subcommand healthcheck" -l live -d 'Only whether its process answers'
complete -c barycenterd -n "__fish_barycenterd_using_subcommand healthcheck" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c barycenterd -n "__fish_barycenterd_using_subcommand sync-users" -s f -l file -d 'The users file; `-` reads stdin, a folder stands for the files in it' -r -F
complete -c barycenterd -n "__fish_barycenterd_using_subcommand sync-users" -l adopt -d 'Take over accounts that nobody manages: names, or `all` (but those who registered themselves, who are named)' -r
complete -c barycenterd -n "__fish_barycenterd_using_subcommand sync-users" -l on-conflict -d 'What to do with the rest of the file when some of it conflicts' -r -f -a "fail\t'Apply nothing and exit 6'
skip\t'Apply the rest, warn, and exit 0'"
complete -c barycenterd -n "__fish_barycenterd_using_subcommand sync-users" -l prune -d 'What to do about users and clients that the file no longer names' -r -f -a "keep\t'Count and mention them'
disable\t'They may no longer sign in; they can come back'
delete\t'Remove them for good'"
complete -c barycenterd -n "__fish_barycenterd_using_subcommand sync-users" -l max-prune -d 'At most so many may be pruned: a number or a share such as 15% [default: the larger of 5 and 5%]' -r
complete -c barycenterd -n "__fish_barycenterd_using_subcommand sync-users" -l env -d 'Fill in ${NAME} from the environment where NAME matches: APP_*' -r
complete -c barycenterd -n "__fish_barycenterd_using_subcommand sync-users" -l secrets-dir -d 'Fill in ${NAME} from the files of this folder' -r -F
complete -c barycenterd -n "__fish_barycenterd_using_subcommand sync-users" -l lock-timeout -d 'How long to wait for another sync to end' -r
complete -c barycenterd -n "__fish_barycenterd_using_subcommand sync-users" -l config -d 'The configuration file' -r -F
complete -c barycenterd -n "__fish_barycenterd_using_subcommand sync-users" -l allow-empty -d 'Permit a file without entries to prune'
complete -c barycenterd -n "__fish_barycenterd_using_subcommand sync-users" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c barycenterd -n "__fish_barycenterd_using_subcommand schema" -l config -d 'The configuration file' -r -F
complete -c barycenterd -n "__fish_barycenterd_using_subcommand schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c barycenterd -n "__fish_barycenterd_using_subcommand completions" -l config -d 'The configuration file' -r -F
complete -c barycenterd -n "__fish_barycenterd_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c barycenterd -n "__fish_barycenterd_using_subcommand man" -l dir -d 'Write one page for each command to this folder' -r -F
complete -c barycenterd -n "__fish_barycenterd_using_subcommand man" -l config -d 'The configuration file' -r -F
complete -c barycenterd -n "__fish_barycenterd_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
