
use builtin;
use str;

set edit:completion:arg-completer[barycenterd] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'barycenterd'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'barycenterd'= {
            cand --config 'The configuration file'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand serve 'Bring the database up to date, then serve until SIGTERM (the default)'
            cand migrate 'Bring the database''s schema up to date and exit'
            cand check-config 'Check the configuration and exit'
            cand healthcheck 'Ask the daemon on this machine whether it is ready, and exit: for containers without a shell'
            cand sync-users 'Make the users match a file and exit; brings the database up to date first'
            cand schema 'Print a generated schema'
            cand completions 'Print a completion script for a shell'
            cand man 'Print the manual page, or write all of them to a folder'
        }
        &'barycenterd;serve'= {
            cand --config 'The configuration file'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'barycenterd;migrate'= {
            cand --config 'The configuration file'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'barycenterd;check-config'= {
            cand --config 'The configuration file'
            cand --print 'Show every value and where it comes from; secrets are never shown'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'barycenterd;healthcheck'= {
            cand --timeout 'How long it may take to answer'
            cand --config 'The configuration file'
            cand --ready 'Whether it serves: its database answers and it is not shutting down (the default)'
            cand --live 'Only whether its process answers'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'barycenterd;sync-users'= {
            cand -f 'The users file; `-` reads stdin, a folder stands for the files in it'
            cand --file 'The users file; `-` reads stdin, a folder stands for the files in it'
            cand --adopt 'Take over accounts that nobody manages: names, or `all` (but those who registered themselves, who are named)'
            cand --on-conflict 'What to do with the rest of the file when some of it conflicts'
            cand --prune 'What to do about users and clients that the file no longer names'
            cand --max-prune 'At most so many may be pruned: a number or a share such as 15% [default: the larger of 5 and 5%]'
            cand --env 'Fill in ${NAME} from the environment where NAME matches: APP_*'
            cand --secrets-dir 'Fill in ${NAME} from the files of this folder'
            cand --lock-timeout 'How long to wait for another sync to end'
            cand --config 'The configuration file'
            cand --allow-empty 'Permit a file without entries to prune'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'barycenterd;schema'= {
            cand --config 'The configuration file'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'barycenterd;completions'= {
            cand --config 'The configuration file'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'barycenterd;man'= {
            cand --dir 'Write one page for each command to this folder'
            cand --config 'The configuration file'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
    ]
    $completions[$command]
}
