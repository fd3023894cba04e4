# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_baryctl_global_optspecs
    string join \n s/server= direct config= token-file= ca-file= timeout= o/output= fields= redact= progress= log-format= color= q/quiet v/verbose y/yes confirm= no-input h/help V/version
end

function __fish_baryctl_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_baryctl_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_baryctl_using_subcommand
    set -l cmd (__fish_baryctl_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c baryctl -n "__fish_baryctl_needs_command" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_needs_command" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_needs_command" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_needs_command" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_needs_command" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_needs_command" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_needs_command" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_needs_command" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_needs_command" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_needs_command" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_needs_command" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_needs_command" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_needs_command" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_needs_command" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_needs_command" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_needs_command" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_needs_command" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_needs_command" -s V -l version -d 'Print version'
complete -c baryctl -n "__fish_baryctl_needs_command" -f -a "status" -d 'Say on one screen where this acts and how it stands; exits 1 if something is wrong'
complete -c baryctl -n "__fish_baryctl_needs_command" -f -a "doctor" -d 'Find out what is wrong, and how to mend it; exits 1 if something is'
complete -c baryctl -n "__fish_baryctl_needs_command" -f -a "wait" -d 'Wait until something holds: exits 1 if it does not in time, 8 if nothing could be reached'
complete -c baryctl -n "__fish_baryctl_needs_command" -f -a "diff" -d 'Show what `sync` would change; exits 0 if nothing, 1 if something'
complete -c baryctl -n "__fish_baryctl_needs_command" -f -a "sync" -d 'Make the live state match a file'
complete -c baryctl -n "__fish_baryctl_needs_command" -f -a "users" -d 'List users, compare them with a file, and make them match it'
complete -c baryctl -n "__fish_baryctl_needs_command" -f -a "clients" -d 'Register and remove relying parties'
complete -c baryctl -n "__fish_baryctl_needs_command" -f -a "keys" -d 'Look at the signing keys, rotate and retire them'
complete -c baryctl -n "__fish_baryctl_needs_command" -f -a "jobs" -d 'See what the daemon does by itself, and have it done now'
complete -c baryctl -n "__fish_baryctl_needs_command" -f -a "log" -d 'Choose which lines running daemons log, without a restart'
complete -c baryctl -n "__fish_baryctl_needs_command" -f -a "db" -d 'Look after the database\'s schema; always direct'
complete -c baryctl -n "__fish_baryctl_needs_command" -f -a "backup" -d 'Back a deployment up, and bring it back; always direct'
complete -c baryctl -n "__fish_baryctl_needs_command" -f -a "config" -d 'Check, show and explain the daemon\'s configuration; local'
complete -c baryctl -n "__fish_baryctl_needs_command" -f -a "version" -d 'Print the version of this program; never asks a server'
complete -c baryctl -n "__fish_baryctl_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c baryctl -n "__fish_baryctl_needs_command" -f -a "man" -d 'Print the manual page, or write all of them to a folder'
complete -c baryctl -n "__fish_baryctl_needs_command" -f -a "help" -d 'Print the help of a command or about a topic: exit-codes, environment, output, users-file, guards'
complete -c baryctl -n "__fish_baryctl_using_subcommand status" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand status" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand status" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand status" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand status" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand status" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand status" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand status" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand status" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand status" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand status" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand status" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand status" -l live -d 'Say nothing: exit 0 if the server\'s process answers, 1 if it says no, 8 if it cannot be reached; needs no token'
complete -c baryctl -n "__fish_baryctl_using_subcommand status" -l ready -d 'Say nothing: exit 0 if the server is ready to serve, 1 if not, 8 if it cannot be reached; needs no token'
complete -c baryctl -n "__fish_baryctl_using_subcommand status" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand status" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand status" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand status" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand status" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand doctor" -l only -d 'Only the checks of these groups: target, config, database, keys, issuer, users' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand doctor" -l skip -d 'All checks but these: `baryctl help doctor` lists them' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand doctor" -l report -d 'Write a report as well: junit=FILE' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand doctor" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand doctor" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand doctor" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand doctor" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand doctor" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand doctor" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand doctor" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand doctor" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand doctor" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand doctor" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand doctor" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand doctor" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand doctor" -l strict -d 'Exit 1 for warnings as well'
complete -c baryctl -n "__fish_baryctl_using_subcommand doctor" -l pre -d 'Before the first start: the configuration, the database and the folders only, on this machine'
complete -c baryctl -n "__fish_baryctl_using_subcommand doctor" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand doctor" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand doctor" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand doctor" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand doctor" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand wait" -l for -d 'What must hold; repeat it for several, which must all hold at once: reachable, live, ready, db, migrated, user=NAME, key-active, key-active=KID, job=ID (a run that ends well; exits 3 as soon as it has failed)' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand wait" -l timeout -d 'How long to wait in all' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand wait" -l interval -d 'How long to wait between two looks' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand wait" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand wait" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand wait" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand wait" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand wait" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand wait" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand wait" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand wait" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand wait" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand wait" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand wait" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand wait" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand wait" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand wait" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand wait" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand wait" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand wait" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand diff" -s f -l file -d 'Users files; `-` reads stdin, a folder stands for the .json, .ndjson and .jsonl files in it' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand diff" -l adopt -d 'Take over what nobody manages: names, or `all` (but accounts that registered themselves, which are named)' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand diff" -l prune -d 'What to do about users and clients that the file no longer names' -r -f -a "keep\t'Count and mention them'
disable\t'They may no longer sign in; they can come back'
delete\t'Remove them for good'"
complete -c baryctl -n "__fish_baryctl_using_subcommand diff" -l env -d 'Fill in ${NAME} from the environment where NAME matches: APP_*' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand diff" -l secrets-dir -d 'Fill in ${NAME} from the files of this folder' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand diff" -l report -d 'Write a report as well: github, junit=FILE or markdown=FILE' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand diff" -l max-shown -d 'The most changes of each kind that a terminal gets to see' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand diff" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand diff" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand diff" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand diff" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand diff" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand diff" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand diff" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand diff" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand diff" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand diff" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand diff" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand diff" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand diff" -l reset-passwords -d 'Set every declared password and secret again, also where the file\'s has not changed'
complete -c baryctl -n "__fish_baryctl_using_subcommand diff" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand diff" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand diff" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand diff" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand diff" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -s f -l file -d 'Users files; `-` reads stdin, a folder stands for the .json, .ndjson and .jsonl files in it' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -l adopt -d 'Take over what nobody manages: names, or `all` (but accounts that registered themselves, which are named)' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -l prune -d 'What to do about users and clients that the file no longer names' -r -f -a "keep\t'Count and mention them'
disable\t'They may no longer sign in; they can come back'
delete\t'Remove them for good'"
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -l env -d 'Fill in ${NAME} from the environment where NAME matches: APP_*' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -l secrets-dir -d 'Fill in ${NAME} from the files of this folder' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -l report -d 'Write a report as well: github, junit=FILE or markdown=FILE' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -l max-shown -d 'The most changes of each kind that a terminal gets to see' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -l on-conflict -d 'What to do with the rest when there are conflicts' -r -f -a "fail\t'Apply nothing and exit 6'
skip\t'Apply the rest, warn, and exit 0'"
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -l max-prune -d 'At most so many may be pruned: a number or a share such as 15% [default: the larger of 5 and 5%]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -l expect -d 'Carry out this plan and no other: the id that `diff` has printed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -l lock-timeout -d 'How long to wait for another sync to end' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -l reset-passwords -d 'Set every declared password and secret again, also where the file\'s has not changed'
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -l allow-empty -d 'Permit a file without entries to prune'
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -s n -l dry-run -d 'Show what would be changed and change nothing'
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -l migrate -d 'With --direct: bring the database\'s schema up to date first'
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand sync" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and not __fish_seen_subcommand_from list get diff sync export import" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and not __fish_seen_subcommand_from list get diff sync export import" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and not __fish_seen_subcommand_from list get diff sync export import" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and not __fish_seen_subcommand_from list get diff sync export import" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and not __fish_seen_subcommand_from list get diff sync export import" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and not __fish_seen_subcommand_from list get diff sync export import" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and not __fish_seen_subcommand_from list get diff sync export import" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and not __fish_seen_subcommand_from list get diff sync export import" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and not __fish_seen_subcommand_from list get diff sync export import" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and not __fish_seen_subcommand_from list get diff sync export import" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and not __fish_seen_subcommand_from list get diff sync export import" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and not __fish_seen_subcommand_from list get diff sync export import" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and not __fish_seen_subcommand_from list get diff sync export import" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and not __fish_seen_subcommand_from list get diff sync export import" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and not __fish_seen_subcommand_from list get diff sync export import" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and not __fish_seen_subcommand_from list get diff sync export import" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and not __fish_seen_subcommand_from list get diff sync export import" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and not __fish_seen_subcommand_from list get diff sync export import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and not __fish_seen_subcommand_from list get diff sync export import" -f -a "list" -d 'List users'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and not __fish_seen_subcommand_from list get diff sync export import" -f -a "get" -d 'Show users by name'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and not __fish_seen_subcommand_from list get diff sync export import" -f -a "diff" -d 'Show what `users sync` would change; exits 0 if nothing, 1 if something'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and not __fish_seen_subcommand_from list get diff sync export import" -f -a "sync" -d 'Make the users match a file'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and not __fish_seen_subcommand_from list get diff sync export import" -f -a "export" -d 'Write a users file that `diff` finds identical'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and not __fish_seen_subcommand_from list get diff sync export import" -f -a "import" -d 'Make accounts from another system\'s file, once; to keep them in step with a file: `sync`'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from list" -l search -d 'Only users whose name or e-mail address contains this text' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from list" -l limit -d 'At most so many; 0: all [default: all, but 1000 in a table on a terminal]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from list" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from list" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from list" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from list" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from list" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from list" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from list" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from list" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from list" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from list" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from list" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from list" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from list" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from get" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from get" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from get" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from get" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from get" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from get" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from get" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from get" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from get" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from get" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from get" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from get" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from get" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from get" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from get" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from get" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from get" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from get" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from diff" -s f -l file -d 'Users files; `-` reads stdin, a folder stands for the .json, .ndjson and .jsonl files in it' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from diff" -l adopt -d 'Take over what nobody manages: names, or `all` (but accounts that registered themselves, which are named)' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from diff" -l prune -d 'What to do about users and clients that the file no longer names' -r -f -a "keep\t'Count and mention them'
disable\t'They may no longer sign in; they can come back'
delete\t'Remove them for good'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from diff" -l env -d 'Fill in ${NAME} from the environment where NAME matches: APP_*' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from diff" -l secrets-dir -d 'Fill in ${NAME} from the files of this folder' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from diff" -l report -d 'Write a report as well: github, junit=FILE or markdown=FILE' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from diff" -l max-shown -d 'The most changes of each kind that a terminal gets to see' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from diff" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from diff" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from diff" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from diff" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from diff" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from diff" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from diff" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from diff" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from diff" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from diff" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from diff" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from diff" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from diff" -l reset-passwords -d 'Set every declared password and secret again, also where the file\'s has not changed'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from diff" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from diff" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from diff" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from diff" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from diff" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -s f -l file -d 'Users files; `-` reads stdin, a folder stands for the .json, .ndjson and .jsonl files in it' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -l adopt -d 'Take over what nobody manages: names, or `all` (but accounts that registered themselves, which are named)' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -l prune -d 'What to do about users and clients that the file no longer names' -r -f -a "keep\t'Count and mention them'
disable\t'They may no longer sign in; they can come back'
delete\t'Remove them for good'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -l env -d 'Fill in ${NAME} from the environment where NAME matches: APP_*' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -l secrets-dir -d 'Fill in ${NAME} from the files of this folder' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -l report -d 'Write a report as well: github, junit=FILE or markdown=FILE' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -l max-shown -d 'The most changes of each kind that a terminal gets to see' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -l on-conflict -d 'What to do with the rest when there are conflicts' -r -f -a "fail\t'Apply nothing and exit 6'
skip\t'Apply the rest, warn, and exit 0'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -l max-prune -d 'At most so many may be pruned: a number or a share such as 15% [default: the larger of 5 and 5%]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -l expect -d 'Carry out this plan and no other: the id that `diff` has printed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -l lock-timeout -d 'How long to wait for another sync to end' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -l reset-passwords -d 'Set every declared password and secret again, also where the file\'s has not changed'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -l allow-empty -d 'Permit a file without entries to prune'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -s n -l dry-run -d 'Show what would be changed and change nothing'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -l migrate -d 'With --direct: bring the database\'s schema up to date first'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from sync" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from export" -s f -l file -d 'The file to write (mode 0600); `-` is stdout' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from export" -l managed-by -d 'Only what this users file owns' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from export" -l format -d 'The form' -r -f -a "json\t'A users file'
ndjson\t'A users file with a user on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from export" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from export" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from export" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from export" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from export" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from export" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from export" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from export" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from export" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from export" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from export" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from export" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from export" -l with-password-hashes -d 'Export password hashes as well; with --direct only'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from export" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from export" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from export" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from export" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from import" -s f -l file -d 'The file; `-` reads stdin' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from import" -l format -d 'Its form [default: told by its name and its beginning]' -r -f -a "json\t'A users file'
ndjson\t'A users file with a user on each line'
csv\t'Rows under a header'
keycloak\t'A Keycloak realm export'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from import" -l map -d 'Which field a column of a CSV file fills; `-` leaves it out' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from import" -l on-conflict -d 'What to do about users that are there already' -r -f -a "fail\t'Import nothing and exit 6'
skip\t'Leave them as they are'
update\t'Change them to what the file says'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from import" -l lock-timeout -d 'How long to wait for another sync or import to end' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from import" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from import" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from import" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from import" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from import" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from import" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from import" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from import" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from import" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from import" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from import" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from import" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from import" -s n -l dry-run -d 'Show what would be made and make nothing'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from import" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from import" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from import" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from import" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand users; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and not __fish_seen_subcommand_from create list get delete diff sync export registration-token" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and not __fish_seen_subcommand_from create list get delete diff sync export registration-token" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and not __fish_seen_subcommand_from create list get delete diff sync export registration-token" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and not __fish_seen_subcommand_from create list get delete diff sync export registration-token" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and not __fish_seen_subcommand_from create list get delete diff sync export registration-token" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and not __fish_seen_subcommand_from create list get delete diff sync export registration-token" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and not __fish_seen_subcommand_from create list get delete diff sync export registration-token" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and not __fish_seen_subcommand_from create list get delete diff sync export registration-token" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and not __fish_seen_subcommand_from create list get delete diff sync export registration-token" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and not __fish_seen_subcommand_from create list get delete diff sync export registration-token" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and not __fish_seen_subcommand_from create list get delete diff sync export registration-token" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and not __fish_seen_subcommand_from create list get delete diff sync export registration-token" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and not __fish_seen_subcommand_from create list get delete diff sync export registration-token" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and not __fish_seen_subcommand_from create list get delete diff sync export registration-token" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and not __fish_seen_subcommand_from create list get delete diff sync export registration-token" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and not __fish_seen_subcommand_from create list get delete diff sync export registration-token" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and not __fish_seen_subcommand_from create list get delete diff sync export registration-token" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and not __fish_seen_subcommand_from create list get delete diff sync export registration-token" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and not __fish_seen_subcommand_from create list get delete diff sync export registration-token" -f -a "create" -d 'Register a client; its secret is shown once'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and not __fish_seen_subcommand_from create list get delete diff sync export registration-token" -f -a "list" -d 'List clients'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and not __fish_seen_subcommand_from create list get delete diff sync export registration-token" -f -a "get" -d 'Show clients by their id'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and not __fish_seen_subcommand_from create list get delete diff sync export registration-token" -f -a "delete" -d 'Remove clients with their consents and tokens'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and not __fish_seen_subcommand_from create list get delete diff sync export registration-token" -f -a "diff" -d 'Show what `clients sync` would change; exits 0 if nothing, 1 if something'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and not __fish_seen_subcommand_from create list get delete diff sync export registration-token" -f -a "sync" -d 'Make the clients match a file'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and not __fish_seen_subcommand_from create list get delete diff sync export registration-token" -f -a "export" -d 'Write a users file that `diff` finds identical; without secrets'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and not __fish_seen_subcommand_from create list get delete diff sync export registration-token" -f -a "registration-token" -d 'Make a token with which clients register themselves; shown once'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -l redirect-uri -d 'Where authorization responses may go; repeat it for several. Only a client without codes needs none' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -l id -d 'The client id: 1 to 128 letters, digits and - . _ ~ [default: NAME]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -l auth -d 'How the client proves who it is at the token endpoint' -r -f -a "basic\t'Id and secret in the Authorization header'
post\t'Id and secret in the form'
secret-jwt\t'A JWT that is authenticated with the secret'
private-key-jwt\t'A JWT that is signed with a key of its own; needs --jwks or --jwks-uri'
none\t'Not at all: a public client, which must use PKCE'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -l grant -d 'How the client may obtain tokens [default: authorization_code,refresh_token]' -r -f -a "authorization_code\t'A code from the authorization endpoint'
refresh_token\t'A refresh token'
client_credentials\t'The client\'s own credentials'
urn:ietf:params:oauth:grant-type:device_code\t'Approval on another device'
urn:ietf:params:oauth:grant-type:token-exchange\t'A token for another token'
implicit\t'Tokens from the authorization endpoint'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -l scope -d 'What the client may ask for [default: all]' -r -f -a "openid\t'An ID Token'
profile\t'The profile claims'
email\t'E-mail address'
groups\t'Groups'
offline_access\t'A refresh token that outlives the session'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -l post-logout-redirect-uri -d 'Where the browser may go after logout; repeat it for several' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -l jwks -d 'A file with the client\'s public keys, a JWK Set' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -l jwks-uri -d 'Where the client\'s public keys lie; https' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -l backchannel-logout-uri -d 'Where the client is told, from server to server, that a session has ended' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -l frontchannel-logout-uri -d 'Where the client is told, through the browser, that a session has ended' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -l require-group -d 'Only members of this group may use the client; repeat it for several, one of which is enough' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -l access-token-format -d 'What the client\'s access tokens look like [default: opaque]' -r -f -a "opaque\t'Random values that only the provider can read'
jwt\t'Signed JWTs that resource servers verify by themselves'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -l id-token-alg -d 'What the client\'s ID Tokens are signed with [default: as configured]' -r -f -a "RS256\t'RSASSA-PKCS1-v1_5 with SHA-256'
ES256\t'ECDSA on P-256 with SHA-256'
EdDSA\t'Ed25519'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -l require-pkce -d 'Whether the client must use PKCE [default: as configured]' -r -f -a "true\t''
false\t''"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -l set -d 'Any other metadata as schema/users.schema.json names it, such as default_max_age=600; the value is JSON or a text' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -l secret-file -d 'Write the secret to a new file (mode 0600) instead of stdout' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -l first-party -d 'It belongs to the same organisation: its users are not asked for consent'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from list" -l limit -d 'At most so many; 0: all [default: all, but 1000 in a table on a terminal]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from list" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from list" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from list" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from list" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from list" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from list" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from list" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from list" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from list" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from list" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from list" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from list" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from list" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from get" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from get" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from get" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from get" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from get" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from get" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from get" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from get" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from get" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from get" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from get" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from get" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from get" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from get" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from get" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from get" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from get" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from get" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from delete" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from delete" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from delete" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from delete" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from delete" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from delete" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from delete" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from delete" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from delete" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from delete" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from delete" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from delete" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from delete" -s n -l dry-run -d 'Show what would be removed and remove nothing'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from delete" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from delete" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from delete" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from delete" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from diff" -s f -l file -d 'Users files; `-` reads stdin, a folder stands for the .json, .ndjson and .jsonl files in it' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from diff" -l adopt -d 'Take over what nobody manages: names, or `all` (but accounts that registered themselves, which are named)' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from diff" -l prune -d 'What to do about users and clients that the file no longer names' -r -f -a "keep\t'Count and mention them'
disable\t'They may no longer sign in; they can come back'
delete\t'Remove them for good'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from diff" -l env -d 'Fill in ${NAME} from the environment where NAME matches: APP_*' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from diff" -l secrets-dir -d 'Fill in ${NAME} from the files of this folder' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from diff" -l report -d 'Write a report as well: github, junit=FILE or markdown=FILE' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from diff" -l max-shown -d 'The most changes of each kind that a terminal gets to see' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from diff" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from diff" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from diff" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from diff" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from diff" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from diff" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from diff" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from diff" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from diff" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from diff" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from diff" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from diff" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from diff" -l reset-passwords -d 'Set every declared password and secret again, also where the file\'s has not changed'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from diff" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from diff" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from diff" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from diff" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from diff" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -s f -l file -d 'Users files; `-` reads stdin, a folder stands for the .json, .ndjson and .jsonl files in it' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -l adopt -d 'Take over what nobody manages: names, or `all` (but accounts that registered themselves, which are named)' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -l prune -d 'What to do about users and clients that the file no longer names' -r -f -a "keep\t'Count and mention them'
disable\t'They may no longer sign in; they can come back'
delete\t'Remove them for good'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -l env -d 'Fill in ${NAME} from the environment where NAME matches: APP_*' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -l secrets-dir -d 'Fill in ${NAME} from the files of this folder' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -l report -d 'Write a report as well: github, junit=FILE or markdown=FILE' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -l max-shown -d 'The most changes of each kind that a terminal gets to see' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -l on-conflict -d 'What to do with the rest when there are conflicts' -r -f -a "fail\t'Apply nothing and exit 6'
skip\t'Apply the rest, warn, and exit 0'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -l max-prune -d 'At most so many may be pruned: a number or a share such as 15% [default: the larger of 5 and 5%]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -l expect -d 'Carry out this plan and no other: the id that `diff` has printed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -l lock-timeout -d 'How long to wait for another sync to end' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -l reset-passwords -d 'Set every declared password and secret again, also where the file\'s has not changed'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -l allow-empty -d 'Permit a file without entries to prune'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -s n -l dry-run -d 'Show what would be changed and change nothing'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -l migrate -d 'With --direct: bring the database\'s schema up to date first'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from sync" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from export" -s f -l file -d 'The file to write (mode 0600); `-` is stdout' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from export" -l managed-by -d 'Only what this users file owns' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from export" -l format -d 'The form' -r -f -a "json\t'A users file'
ndjson\t'A users file with a user on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from export" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from export" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from export" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from export" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from export" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from export" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from export" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from export" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from export" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from export" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from export" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from export" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from export" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from export" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from export" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from export" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from registration-token" -l lifetime -d 'How long the token is valid, such as 30m, 12h or 7d' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from registration-token" -l uses -d 'How many clients may register with it' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from registration-token" -l description -d 'What it is for; only operators see it' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from registration-token" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from registration-token" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from registration-token" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from registration-token" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from registration-token" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from registration-token" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from registration-token" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from registration-token" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from registration-token" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from registration-token" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from registration-token" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from registration-token" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from registration-token" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from registration-token" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from registration-token" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from registration-token" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from registration-token" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand clients; and __fish_seen_subcommand_from registration-token" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and not __fish_seen_subcommand_from list get rotate retire import export rewrap" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and not __fish_seen_subcommand_from list get rotate retire import export rewrap" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and not __fish_seen_subcommand_from list get rotate retire import export rewrap" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and not __fish_seen_subcommand_from list get rotate retire import export rewrap" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and not __fish_seen_subcommand_from list get rotate retire import export rewrap" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and not __fish_seen_subcommand_from list get rotate retire import export rewrap" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and not __fish_seen_subcommand_from list get rotate retire import export rewrap" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and not __fish_seen_subcommand_from list get rotate retire import export rewrap" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and not __fish_seen_subcommand_from list get rotate retire import export rewrap" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and not __fish_seen_subcommand_from list get rotate retire import export rewrap" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and not __fish_seen_subcommand_from list get rotate retire import export rewrap" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and not __fish_seen_subcommand_from list get rotate retire import export rewrap" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and not __fish_seen_subcommand_from list get rotate retire import export rewrap" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and not __fish_seen_subcommand_from list get rotate retire import export rewrap" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and not __fish_seen_subcommand_from list get rotate retire import export rewrap" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and not __fish_seen_subcommand_from list get rotate retire import export rewrap" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and not __fish_seen_subcommand_from list get rotate retire import export rewrap" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and not __fish_seen_subcommand_from list get rotate retire import export rewrap" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and not __fish_seen_subcommand_from list get rotate retire import export rewrap" -f -a "list" -d 'List signing keys'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and not __fish_seen_subcommand_from list get rotate retire import export rewrap" -f -a "get" -d 'Show signing keys by their kid'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and not __fish_seen_subcommand_from list get rotate retire import export rewrap" -f -a "rotate" -d 'Publish a new key, which signs as soon as every relying party knows it'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and not __fish_seen_subcommand_from list get rotate retire import export rewrap" -f -a "retire" -d 'Take a key out of the JWKS; exits 7 while tokens need it'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and not __fish_seen_subcommand_from list get rotate retire import export rewrap" -f -a "import" -d 'Bring a private key along: PEM or JWK, from a file or stdin'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and not __fish_seen_subcommand_from list get rotate retire import export rewrap" -f -a "export" -d 'Print the published keys as a JWK Set'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and not __fish_seen_subcommand_from list get rotate retire import export rewrap" -f -a "rewrap" -d 'Encrypt the keyring under another root key; always direct'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from list" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from list" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from get" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from get" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from get" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from get" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from get" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from get" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from get" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from get" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from get" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from get" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from get" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from get" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from get" -l pem -d 'Print the public half as PEM'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from get" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from get" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from get" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from get" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from get" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from get" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l alg -d 'The algorithm of the new key; one that no key has yet is added [default: keys.alg]' -r -f -a "RS256\t'RSASSA-PKCS1-v1_5 with SHA-256'
ES256\t'ECDSA on P-256 with SHA-256'
EdDSA\t'Ed25519'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l activate-in -d 'When the new key begins to sign: 30m, 24h [default: when every copy of the JWKS without it has expired]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -s n -l dry-run -d 'Show what would happen and change nothing'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from retire" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from retire" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from retire" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from retire" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from retire" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from retire" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from retire" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from retire" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from retire" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from retire" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from retire" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from retire" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from retire" -l now -d 'At once, whatever it breaks: the key may have been stolen. A successor signs from that moment on'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from retire" -s n -l dry-run -d 'Show what would happen and change nothing'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from retire" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from retire" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from retire" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from retire" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from retire" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from retire" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from import" -s f -l file -d 'The private key: PEM (PKCS#8, PKCS#1, SEC1) or JWK; `-` reads stdin' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from import" -l passphrase-file -d 'A file that holds the passphrase of an encrypted PKCS#8 key' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from import" -l kid -d 'Its kid [default: that of the JWK, or the RFC 7638 thumbprint]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from import" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from import" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from import" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from import" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from import" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from import" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from import" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from import" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from import" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from import" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from import" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from import" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from import" -l active -d 'It signs at once: relying parties that keep an older JWKS refuse its tokens until they look again'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from import" -s n -l dry-run -d 'Show what would happen and change nothing'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from import" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from import" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from import" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from import" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from export" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from export" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from export" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from export" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from export" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from export" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from export" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from export" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from export" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from export" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from export" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from export" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from export" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from export" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from export" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from export" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rewrap" -l new-root -d 'The file of the new root key, PEM, mode 0600' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rewrap" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rewrap" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rewrap" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rewrap" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rewrap" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rewrap" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rewrap" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rewrap" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rewrap" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rewrap" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rewrap" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rewrap" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rewrap" -s n -l dry-run -d 'Show what would happen and change nothing'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rewrap" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rewrap" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rewrap" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rewrap" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rewrap" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand keys; and __fish_seen_subcommand_from rewrap" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and not __fish_seen_subcommand_from list get trigger cancel logs" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and not __fish_seen_subcommand_from list get trigger cancel logs" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and not __fish_seen_subcommand_from list get trigger cancel logs" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and not __fish_seen_subcommand_from list get trigger cancel logs" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and not __fish_seen_subcommand_from list get trigger cancel logs" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and not __fish_seen_subcommand_from list get trigger cancel logs" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and not __fish_seen_subcommand_from list get trigger cancel logs" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and not __fish_seen_subcommand_from list get trigger cancel logs" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and not __fish_seen_subcommand_from list get trigger cancel logs" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and not __fish_seen_subcommand_from list get trigger cancel logs" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and not __fish_seen_subcommand_from list get trigger cancel logs" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and not __fish_seen_subcommand_from list get trigger cancel logs" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and not __fish_seen_subcommand_from list get trigger cancel logs" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and not __fish_seen_subcommand_from list get trigger cancel logs" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and not __fish_seen_subcommand_from list get trigger cancel logs" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and not __fish_seen_subcommand_from list get trigger cancel logs" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and not __fish_seen_subcommand_from list get trigger cancel logs" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and not __fish_seen_subcommand_from list get trigger cancel logs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and not __fish_seen_subcommand_from list get trigger cancel logs" -f -a "list" -d 'List runs of jobs, the newest first; --timetable lists the jobs and when they are due'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and not __fish_seen_subcommand_from list get trigger cancel logs" -f -a "get" -d 'Show runs by their id'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and not __fish_seen_subcommand_from list get trigger cancel logs" -f -a "trigger" -d 'Run a job now; exits 6 if it is running already'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and not __fish_seen_subcommand_from list get trigger cancel logs" -f -a "cancel" -d 'End a run that is under way, and wait until it has ended; the job runs again when it is due'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and not __fish_seen_subcommand_from list get trigger cancel logs" -f -a "logs" -d 'Print what a run has said'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from list" -l name -d 'Only runs of this job' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from list" -l state -d 'Only runs in this state' -r -f -a "running\t'It is under way'
ok\t'It did what it should'
failed\t'It ended with an error, a panic, or at its deadline'
abandoned\t'Its replica went away'
cancelled\t'Somebody asked for its end'"
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from list" -l since -d 'Only runs that began in this time: 30m, 24h, 7d' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from list" -l limit -d 'At most so many; 0: all [default: all, but 1000 in a table on a terminal]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from list" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from list" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from list" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from list" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from list" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from list" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from list" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from list" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from list" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from list" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from list" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from list" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from list" -l timetable -d 'List the jobs and when they are due, not their runs'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from list" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from get" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from get" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from get" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from get" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from get" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from get" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from get" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from get" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from get" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from get" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from get" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from get" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from get" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from get" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from get" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from get" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from get" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from get" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from trigger" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from trigger" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from trigger" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from trigger" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from trigger" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from trigger" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from trigger" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from trigger" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from trigger" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from trigger" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from trigger" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from trigger" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from trigger" -l wait -d 'Wait for the run to end; exits 3 if it fails'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from trigger" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from trigger" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from trigger" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from trigger" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from trigger" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from trigger" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from cancel" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from cancel" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from cancel" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from cancel" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from cancel" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from cancel" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from cancel" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from cancel" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from cancel" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from cancel" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from cancel" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from cancel" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from cancel" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from cancel" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from cancel" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from cancel" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from cancel" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from cancel" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from logs" -l tail -d 'Begin with the last so many lines [default: all that are kept]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from logs" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from logs" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from logs" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from logs" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from logs" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from logs" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from logs" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from logs" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from logs" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from logs" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from logs" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from logs" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from logs" -s f -l follow -d 'Go on until the run has ended'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from logs" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from logs" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from logs" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from logs" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from logs" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand jobs; and __fish_seen_subcommand_from logs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and not __fish_seen_subcommand_from get set reset" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and not __fish_seen_subcommand_from get set reset" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and not __fish_seen_subcommand_from get set reset" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and not __fish_seen_subcommand_from get set reset" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and not __fish_seen_subcommand_from get set reset" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and not __fish_seen_subcommand_from get set reset" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and not __fish_seen_subcommand_from get set reset" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and not __fish_seen_subcommand_from get set reset" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and not __fish_seen_subcommand_from get set reset" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and not __fish_seen_subcommand_from get set reset" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and not __fish_seen_subcommand_from get set reset" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and not __fish_seen_subcommand_from get set reset" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and not __fish_seen_subcommand_from get set reset" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and not __fish_seen_subcommand_from get set reset" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and not __fish_seen_subcommand_from get set reset" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and not __fish_seen_subcommand_from get set reset" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and not __fish_seen_subcommand_from get set reset" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and not __fish_seen_subcommand_from get set reset" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and not __fish_seen_subcommand_from get set reset" -f -a "get" -d 'Show which lines are logged'
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and not __fish_seen_subcommand_from get set reset" -f -a "set" -d 'Log other lines for a while, on every replica'
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and not __fish_seen_subcommand_from get set reset" -f -a "reset" -d 'Log again what the daemons were started with'
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from get" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from get" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from get" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from get" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from get" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from get" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from get" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from get" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from get" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from get" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from get" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from get" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from get" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from get" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from get" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from get" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from get" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from get" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from set" -l for -d 'For how long; a week at most' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from set" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from set" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from set" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from set" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from set" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from set" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from set" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from set" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from set" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from set" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from set" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from set" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from set" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from set" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from set" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from set" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from set" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from reset" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from reset" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from reset" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from reset" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from reset" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from reset" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from reset" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from reset" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from reset" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from reset" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from reset" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from reset" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from reset" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from reset" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from reset" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from reset" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from reset" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand log; and __fish_seen_subcommand_from reset" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and not __fish_seen_subcommand_from migrate status" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and not __fish_seen_subcommand_from migrate status" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and not __fish_seen_subcommand_from migrate status" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and not __fish_seen_subcommand_from migrate status" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and not __fish_seen_subcommand_from migrate status" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and not __fish_seen_subcommand_from migrate status" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and not __fish_seen_subcommand_from migrate status" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and not __fish_seen_subcommand_from migrate status" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and not __fish_seen_subcommand_from migrate status" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and not __fish_seen_subcommand_from migrate status" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and not __fish_seen_subcommand_from migrate status" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and not __fish_seen_subcommand_from migrate status" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and not __fish_seen_subcommand_from migrate status" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and not __fish_seen_subcommand_from migrate status" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and not __fish_seen_subcommand_from migrate status" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and not __fish_seen_subcommand_from migrate status" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and not __fish_seen_subcommand_from migrate status" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and not __fish_seen_subcommand_from migrate status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and not __fish_seen_subcommand_from migrate status" -f -a "migrate" -d 'Take the schema steps that are missing; does nothing if there are none'
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and not __fish_seen_subcommand_from migrate status" -f -a "status" -d 'Say which schema the database has; exits 1 if steps are missing, 6 if it is newer than this program'
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -l to -d 'No further than to the step with this number: 11, or 0011 [default: to the newest]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -l lock-timeout -d 'How long to wait for another migration, or another writer, to end' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -s n -l dry-run -d 'Show which steps would be taken and take none'
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from migrate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from status" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from status" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from status" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from status" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from status" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from status" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from status" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from status" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from status" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from status" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from status" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from status" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from status" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from status" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from status" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand db; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -f -a "create" -d 'Make a backup while the daemon serves: the database, the root key and the JWKS mirror in one tar'
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -f -a "verify" -d 'Find out whether a backup is whole; exits 1 if it is damaged'
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and not __fish_seen_subcommand_from create verify restore" -f -a "restore" -d 'Put a backup in the place of what is there, which is kept; no daemon may be running'
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from create" -l keep -d 'In a folder: how many backups stay that were named like this one; older ones go when the new one is whole' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from create" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from create" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from create" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from create" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from create" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from create" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from create" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from create" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from create" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from create" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from create" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from create" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from create" -l no-keys -d 'Leave the root key and the JWKS mirror out: of no use without them'
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from create" -l keys-only -d 'Only the root key and the JWKS mirror: what a database server\'s own backup lacks'
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from create" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from create" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from create" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from create" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from verify" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from verify" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from verify" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from verify" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from verify" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from verify" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from verify" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from verify" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from verify" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from verify" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from verify" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from verify" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from verify" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from verify" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from verify" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from restore" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from restore" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from restore" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from restore" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from restore" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from restore" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from restore" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from restore" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from restore" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from restore" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from restore" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from restore" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from restore" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from restore" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from restore" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from restore" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from restore" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand backup; and __fish_seen_subcommand_from restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and not __fish_seen_subcommand_from validate print explain" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and not __fish_seen_subcommand_from validate print explain" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and not __fish_seen_subcommand_from validate print explain" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and not __fish_seen_subcommand_from validate print explain" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and not __fish_seen_subcommand_from validate print explain" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and not __fish_seen_subcommand_from validate print explain" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and not __fish_seen_subcommand_from validate print explain" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and not __fish_seen_subcommand_from validate print explain" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and not __fish_seen_subcommand_from validate print explain" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and not __fish_seen_subcommand_from validate print explain" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and not __fish_seen_subcommand_from validate print explain" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and not __fish_seen_subcommand_from validate print explain" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and not __fish_seen_subcommand_from validate print explain" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and not __fish_seen_subcommand_from validate print explain" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and not __fish_seen_subcommand_from validate print explain" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and not __fish_seen_subcommand_from validate print explain" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and not __fish_seen_subcommand_from validate print explain" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and not __fish_seen_subcommand_from validate print explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and not __fish_seen_subcommand_from validate print explain" -f -a "validate" -d 'Check a configuration file together with the BARYCENTER__… environment'
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and not __fish_seen_subcommand_from validate print explain" -f -a "print" -d 'Print the effective configuration; secrets are never shown'
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and not __fish_seen_subcommand_from validate print explain" -f -a "explain" -d 'Explain a setting: its type, meaning, default and variable'
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from validate" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from validate" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from validate" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from validate" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from validate" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from validate" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from validate" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from validate" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from validate" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from validate" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from validate" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from validate" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from validate" -l strict -d 'Refuse what is allowed and still not wise as well'
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from validate" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from validate" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from validate" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from validate" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from validate" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from validate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from print" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from print" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from print" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from print" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from print" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from print" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from print" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from print" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from print" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from print" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from print" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from print" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from print" -l defaults -d 'Also what nobody has set'
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from print" -l origin -d 'Where each value comes from: the file and its line, a variable, or the default'
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from print" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from print" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from print" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from print" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from print" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from print" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from explain" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from explain" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from explain" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from explain" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from explain" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from explain" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from explain" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from explain" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from explain" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from explain" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from explain" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from explain" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from explain" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from explain" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from explain" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from explain" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from explain" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand config; and __fish_seen_subcommand_from explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand version" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand version" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand version" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand version" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand version" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand version" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand version" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand version" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand version" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand version" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand version" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand version" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand version" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand version" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand version" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand version" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand version" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand version" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand completions" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand completions" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand completions" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand completions" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand completions" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand completions" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand completions" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand completions" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand completions" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand completions" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand completions" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand completions" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand completions" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand completions" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand completions" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand completions" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand completions" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand man" -l dir -d 'Write one page for each command to this folder' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand man" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand man" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand man" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand man" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand man" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand man" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand man" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand man" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand man" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand man" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand man" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand man" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand man" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand man" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand man" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand man" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand man" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c baryctl -n "__fish_baryctl_using_subcommand help" -s s -l server -d 'Address of the admin API [env: BARYCTL_SERVER] [default: http://127.0.0.1:8081]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand help" -l config -d 'The daemon\'s configuration file [env: BARYCENTER_CONFIG] [default: ./config.toml, /etc/barycenter/config.toml]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand help" -l token-file -d 'File that holds the admin token; read again for every request [env: BARYCTL_TOKEN_FILE, BARYCTL_TOKEN]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand help" -l ca-file -d 'PEM file with further certificate authorities to trust [env: BARYCTL_CA_FILE]' -r -F
complete -c baryctl -n "__fish_baryctl_using_subcommand help" -l timeout -d 'Longest time for one request, without the hashing of passwords: 500ms, 30s, 2m [env: BARYCTL_TIMEOUT] [default: 30s]' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand help" -s o -l output -d 'Format of the answer on stdout [env: BARYCTL_OUTPUT] [default: table]' -r -f -a "table\t'For people'
wide\t'For people, with every column'
json\t'One JSON document'
ndjson\t'One JSON value on each line'
name\t'Names only, one on each line'
value\t'The values of --fields only, one thing on each line, tabs between them'"
complete -c baryctl -n "__fish_baryctl_using_subcommand help" -l fields -d 'What to show of each thing in a list: a,b,c' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand help" -l redact -d 'What not to show' -r -f -a "secrets\t'Secrets, which are never shown'
pii\t'E-mail addresses and the values of properties as well'
all\t'Everything but numbers'"
complete -c baryctl -n "__fish_baryctl_using_subcommand help" -l progress -d 'How to tell of progress' -r -f -a "auto\t'A bar on a terminal, lines elsewhere'
plain\t'Lines'
none\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand help" -l log-format -d 'Form of the remarks on stderr [env: BARYCTL_LOG_FORMAT] [default: text]' -r -f -a "text\t'Lines for people'
json\t'One JSON object on each line'"
complete -c baryctl -n "__fish_baryctl_using_subcommand help" -l color -d 'When to use colour [env: NO_COLOR, CLICOLOR_FORCE] [default: auto]' -r -f -a "auto\t'On a terminal'
always\t'Even into a pipe'
never\t'Not at all'"
complete -c baryctl -n "__fish_baryctl_using_subcommand help" -l confirm -d 'Answer the question that asks for a word to be typed' -r
complete -c baryctl -n "__fish_baryctl_using_subcommand help" -l direct -d 'Act on the database itself, through the daemon\'s configuration [env: BARYCTL_DIRECT=1]'
complete -c baryctl -n "__fish_baryctl_using_subcommand help" -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c baryctl -n "__fish_baryctl_using_subcommand help" -s v -l verbose -d 'Say more on stderr; twice: even more [env: BARYCTL_LOG, a filter such as baryctl=debug]'
complete -c baryctl -n "__fish_baryctl_using_subcommand help" -s y -l yes -d 'Answer yes to the question whether to go on'
complete -c baryctl -n "__fish_baryctl_using_subcommand help" -l no-input -d 'Never ask; what would be asked is refused [env: BARYCTL_NO_INPUT=1, CI]'
complete -c baryctl -n "__fish_baryctl_using_subcommand help" -s h -l help -d 'Print help (see more with \'--help\')'
