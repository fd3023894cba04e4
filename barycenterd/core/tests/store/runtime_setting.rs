//! What operators change while daemons run: it holds until its time, and no longer.

use barycenter_core::store::{RuntimeName, RuntimeSetting};

use crate::support::{NOW, on_both};

#[tokio::test]
async fn what_an_operator_has_set_holds_until_its_time() {
    const NAME: RuntimeName = RuntimeName::LogFilter;
    on_both(|_place, store| async move {
        let settings = || store.runtime_settings();
        assert_eq!(settings().get(NAME, NOW).await.unwrap(), None);
        for value in ["debug", "trace"] {
            let setting = RuntimeSetting { value: value.to_owned(), expires_at: NOW.plus(60) };
            settings().set(NAME, &setting).await.unwrap();
            assert_eq!(settings().get(NAME, NOW.plus(59)).await.unwrap(), Some(setting));
        }
        assert_eq!(settings().get(NAME, NOW.plus(60)).await.unwrap(), None, "its time is over");
        assert!(settings().reset(NAME).await.unwrap());
        assert!(!settings().reset(NAME).await.unwrap());
        assert_eq!(settings().get(NAME, NOW).await.unwrap(), None);
    })
    .await;
}
