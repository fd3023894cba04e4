//! Users files that cannot be meant: each is refused with its place and the way out, in every spelling of the
//! command, and nothing is written.

use barycenter_e2e::{DatabaseKind, Deployment, Finished};

on_both_databases!(bad_files_are_refused_and_nothing_is_written);

/// Never to be seen in any message.
const CANARY: &str = "canary-6f1c";

/// What is wrong, the file, and what the message must say.
fn bad_files() -> Vec<(&'static str, String, Vec<&'static str>)> {
    let user = |rest: &str| format!("{{\n  \"users\": [\n    {{ {rest} }}\n  ]\n}}\n");
    vec![
        ("broken JSON", "{\n  \"users\": [\n    { \"username\": \"eve\", }\n  ]\n}\n".to_owned(), vec!["3:"]),
        ("not an object", "[]\n".to_owned(), vec!["1:"]),
        ("empty file", String::new(), vec![]),
        (
            "unknown field",
            user(&format!("\"username\": \"eve\", \"password\": \"{CANARY}\", \"emailVerified\": true")),
            vec!["3:", "emailVerified", "did you mean `email_verified`"],
        ),
        (
            "duplicate user",
            format!(
                "{{\"users\": [\n{{\"username\": \"eve\", \"password\": \"{CANARY}\"}},\n{{\"username\": \"EVE\", \"password\": \"{CANARY}\"}}\n]}}\n"
            ),
            vec!["3:", "duplicate", "EVE"],
        ),
        (
            "empty username",
            user(&format!("\"username\": \"\", \"password\": \"{CANARY}\"")),
            vec!["3:", "username", "empty"],
        ),
        ("empty password", user("\"username\": \"eve\", \"password\": \"\""), vec!["3:", "password", "empty"]),
        (
            "over-long password",
            user(&format!("\"username\": \"eve\", \"password\": \"{}\"", CANARY.repeat(100))),
            vec!["3:", "password", "1024 bytes"],
        ),
        ("wrong type", user("\"username\": \"eve\", \"enabled\": \"yes\""), vec!["3:", "enabled"]),
        (
            "nested without end",
            user(&format!(
                "\"username\": \"eve\", \"properties\": {{ \"x\": {} }}",
                "[".repeat(100_000) + &"]".repeat(100_000)
            )),
            vec!["3:", "properties", "recursion limit"],
        ),
        ("half a character", user("\"username\": \"eve\\ud83d\""), vec!["3:", "username"]),
        ("a control", user("\"username\": \"eve\0\""), vec!["3:", "control character"]),
        (
            "a long line",
            user(&format!("\"username\": \"eve\", \"properties\": {{ \"x\": \"{}\" }}", CANARY.repeat(300_000))),
            vec!["3:", "users[0]", "longer than 1024 KiB"],
        ),
        (
            "several at once",
            "{\"users\": [\n{\"username\": \"\"},\n{\"username\": \"eve\", \"emial\": \"eve@example.com\"}\n]}\n"
                .to_owned(),
            vec!["2:", "3:", "username", "emial"],
        ),
    ]
}

async fn bad_files_are_refused_and_nothing_is_written(database: DatabaseKind) {
    let deployment = Deployment::new(database).await;
    let daemon = deployment.sync_and_start().await;
    let users = deployment.users();
    let before = deployment.direct(&["users", "list", "-o", "json"]).await.exited(0);

    for (what, text, messages) in bad_files() {
        // The file's name tells a failure's reader which case it was.
        let file = deployment.write(&format!("secrets/{what}.json"), &text);
        refused(&deployment, &file, &messages).await;
    }
    let nowhere = deployment.path("secrets/nowhere.json");
    let nowhere = nowhere.to_string_lossy();
    refused(&deployment, &nowhere, &["nowhere.json"]).await;
    let folder = deployment.path("secrets/folder.json");
    std::fs::create_dir(&folder).expect("a folder");
    refused(&deployment, &folder.to_string_lossy(), &["folder.json", "holds no .json"]).await;

    let after = deployment.direct(&["users", "list", "-o", "json"]).await.exited(0);
    assert_eq!(before.stdout, after.stdout);
    deployment.online(&["diff", "-f", &users]).await.exited(0);
    assert_eq!(daemon.stop().await, 0);
}

/// Every spelling refuses the file with exit code 2 and says `messages`.
async fn refused(deployment: &Deployment, file: &str, messages: &[&str]) {
    let check = |finished: Finished| {
        let finished = finished.exited(2).complained(messages);
        assert!(!format!("{finished}").contains(CANARY), "a password is shown\n{finished}");
    };
    check(deployment.sync_users(file).await);
    check(deployment.direct(&["users", "sync", "-f", file]).await);
    check(deployment.direct(&["diff", "-f", file]).await);
    check(deployment.online(&["users", "sync", "-f", file]).await);
    check(deployment.online(&["diff", "-f", file]).await);
}
