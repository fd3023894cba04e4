//! mod_auth_openidc in Apache's web server: a page behind it shows who is signed in, and it hears of a logout from
//! either side.
//!
//! Apache runs as one process (`-X`), so that it ends with the test; started by root it goes on as `www-data`, which is
//! why its folder is readable by everybody.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use barycenter_e2e::visitor::Page;
use barycenter_e2e::{DatabaseKind, Deployment, Visitor};
use tempfile::TempDir;
use url::Url;

use super::{Conversation, PASSWORD, PATIENCE, Stream, USERNAME};

/// How long to wait before Apache is asked again whether it has heard of a logout.
const PAUSE: Duration = Duration::from_millis(100);

on_both_databases!(apache_shows_who_is_signed_in_until_either_side_logs_out,);

/// The modules that a protected page needs, besides those that are compiled in.
const MODULES: [&str; 7] = ["mpm_event", "authn_core", "authz_core", "authz_user", "mime", "include", "auth_openidc"];

async fn apache_shows_who_is_signed_in_until_either_side_logs_out(database: DatabaseKind) {
    let mut deployment = Deployment::new(database).await;
    deployment.set("OUTBOUND__ALLOW", r#"["127.0.0.1/32"]"#);
    let _daemon = deployment.sync_and_start().await;
    let base = format!("http://127.0.0.1:{}", deployment.port() + 2);
    let (secret, goodbye) = (format!("{base}/secret/"), format!("{base}/goodbye.html"));
    let redirect_uri = format!("{secret}redirect_uri");
    let backchannel = format!("{redirect_uri}?logout=backchannel");
    let mut arguments = vec!["clients", "create", "apache", "--redirect-uri", &redirect_uri];
    arguments.extend(["--post-logout-redirect-uri", &goodbye, "--backchannel-logout-uri", &backchannel]);
    let created = deployment.direct(&arguments).await.exited(0);
    let (_apache, _folder) = start(&deployment, &base, created.stdout.trim()).await;

    let visitor = Visitor::new();
    let page = format!("{secret}index.shtml");
    sign_in(&visitor, &page).await;
    let logout = Url::parse_with_params(&redirect_uri, [("logout", &goodbye)]).expect("a URL");
    let answer = visitor.get(logout.as_str()).await;
    let at_provider = answer.location().expect("a redirect to the provider");
    assert!(at_provider.as_str().starts_with(&format!("{}/logout?", deployment.issuer())), "{at_provider}");
    let back = visitor.visit(at_provider.as_str()).await.location().expect("a redirect to Apache");
    assert!(visitor.get(back.as_str()).await.body.contains("Goodbye"), "{back}");
    // Neither Apache nor the provider knows the browser any more.
    let asked = visitor.get(&page).await.location().expect("a redirect to the provider");
    assert!(visitor.visit(asked.as_str()).await.offers("login-submit"), "the session goes on");

    sign_in(&visitor, &page).await;
    let home = visitor.visit(&format!("{}/", deployment.issuer())).await;
    visitor.press(&home, "logout-confirm").await;
    let heard = tokio::time::timeout(PATIENCE, async {
        while visitor.get(&page).await.location().is_none() {
            tokio::time::sleep(PAUSE).await;
        }
    });
    heard.await.expect("Apache hears of the logout by the back channel");
}

/// Starts Apache; its folder is gone when it is dropped.
async fn start(deployment: &Deployment, base: &str, secret: &str) -> (Conversation, TempDir) {
    let folder = tempfile::Builder::new()
        .prefix("barycenter-apache-")
        .permissions(std::fs::Permissions::from_mode(0o755))
        .tempdir()
        .expect("a temporary folder");
    let root = folder.path();
    std::fs::create_dir_all(root.join("www/secret")).expect("a folder");
    let page = r#"user=<!--#echo var="REMOTE_USER" --> email=<!--#echo var="OIDC_CLAIM_email" --> by=<!--#echo var="OIDC_CLAIM_iss" -->"#;
    std::fs::write(root.join("www/secret/index.shtml"), page).expect("a page");
    std::fs::write(root.join("www/goodbye.html"), "Goodbye").expect("a page");
    let config = root.join("apache.conf");
    std::fs::write(&config, configuration(root, &deployment.issuer(), base, secret)).expect("a configuration");
    // Debian has it where only root looks.
    let arguments = ["-X", "-f", config.to_str().expect("UTF-8")];
    let mut apache = Conversation::start(deployment.command("/usr/sbin/apache2", &arguments), &Stream::Stderr);
    // It listens before it says this.
    apache.hear("mod_auth_openidc-").await;
    (apache, folder)
}

fn configuration(root: &Path, issuer: &str, base: &str, secret: &str) -> String {
    let modules: String = MODULES
        .iter()
        .map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"))
        .collect();
    let (root, listen) = (root.display(), base.trim_start_matches("http://"));
    format!(
        r#"ServerRoot "{root}"
ServerName 127.0.0.1
PidFile "{root}/apache.pid"
DefaultRuntimeDir "{root}"
User www-data
Group www-data
Listen {listen}
ErrorLog /dev/stderr
LogLevel info
{modules}TypesConfig /dev/null
AddType text/html .shtml .html
DocumentRoot "{root}/www"
OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID apache
OIDCClientSecret "{secret}"
OIDCCryptoPassphrase "only for this test"
OIDCRedirectURI {base}/secret/redirect_uri
OIDCScope "openid profile email"
OIDCPKCEMethod S256
OIDCRemoteUserClaim preferred_username
<Location /secret>
    AuthType openid-connect
    Require valid-user
    Options +Includes
    SetOutputFilter INCLUDES
</Location>
"#
    )
}

/// Goes to the protected page, signs in where it leads, and sees who is signed in.
async fn sign_in(visitor: &Visitor, page: &str) -> Page {
    let asked = visitor.get(page).await.location().expect("a redirect to the provider");
    assert!(asked.as_str().contains("code_challenge_method=S256"), "{asked}");
    let returned = visitor.authorize(asked.as_str(), USERNAME, PASSWORD).await;
    let shown = visitor.visit(returned.as_str()).await;
    let issuer = asked.origin().ascii_serialization();
    assert_eq!(shown.body.trim(), format!("user={USERNAME} email=admin@example.com by={issuer}"), "{}", shown.status);
    shown
}
