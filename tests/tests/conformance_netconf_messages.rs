//! Sections D and E of the NETCONF checklist: requests, replies and errors. Each test carries the
//! number of its statement.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use netconf::xml::Element;
use netconf::{BASE, Client, ClientError, ErrorTag, ErrorType, RpcError, Severity};
use std::time::Duration;
use tests::fake;
use tests::raw::Raw;
use tests::switch;
use tests::wire::parse;

const GET: &str = "<get-config><source><running/></source></get-config>";

fn info<'a>(error: &'a RpcError, name: &str) -> Option<&'a str> {
    error.info.iter().find(|(child, _)| child == name).map(|(_, text)| text.as_str())
}

#[tokio::test]
async fn n_041_a_request_without_an_id() {
    let device = switch::start(None).await;
    let mut raw = Raw::open(&device).await;
    raw.say(&format!("<rpc xmlns=\"{BASE}\">{GET}</rpc>")).await;
    let reply = parse(&raw.message().await);
    assert_eq!(reply.attribute("message-id"), None);
    let error = &netconf::message::errors_of(&reply)[0];
    assert_eq!((&error.tag, error.kind), (&ErrorTag::missing_attribute(), ErrorType::Rpc));
    assert_eq!(info(error, "bad-attribute"), Some("message-id"));
    assert_eq!(info(error, "bad-element"), Some("rpc"));
    raw.data(GET).await;
}

#[tokio::test]
async fn n_042_an_id_is_text() {
    let device = switch::start(None).await;
    let mut raw = Raw::open(&device).await;
    let long = "x".repeat(4095);
    for id in ["urn:uuid:0", "a&b", "<\">'", " ", long.as_str()] {
        let escaped = netconf::xml::escaped(id);
        raw.say(&format!("<rpc xmlns=\"{BASE}\" message-id=\"{escaped}\">{GET}</rpc>")).await;
        let reply = parse(&raw.message().await);
        assert_eq!(reply.attribute("message-id"), Some(id));
    }
}

#[tokio::test]
async fn n_043_attributes_of_a_request_come_back() {
    let device = switch::start(None).await;
    let mut raw = Raw::open(&device).await;
    raw.say(&format!(
        "<nc:rpc xmlns:nc=\"{BASE}\" message-id=\"1\" xmlns:ex=\"urn:x\" ex:user=\"u&amp;v\" plain=\"p\"><nc:get-config><nc:source><nc:running/></nc:source></nc:get-config></nc:rpc>"
    ))
    .await;
    let reply = parse(&raw.message().await);
    let user = reply.attributes.iter().find(|a| a.name == "user").unwrap();
    assert_eq!((user.namespace.as_deref(), user.value.as_str()), (Some("urn:x"), "u&v"));
    assert_eq!(reply.attribute("plain"), Some("p"));
    assert!(reply.child("data").is_some(), "{}", reply.to_xml());
}

#[tokio::test]
async fn n_045_ok_stands_alone_and_data_is_for_reading() {
    let device = switch::start(None).await;
    let mut raw = Raw::open(&device).await;
    for operation in [
        "<lock><target><candidate/></target></lock>",
        &switch::edit(&switch::description("x")),
        "<validate><source><candidate/></source></validate>",
        "<commit/>",
        "<discard-changes/>",
        "<unlock><target><candidate/></target></unlock>",
    ] {
        raw.ok(operation).await;
    }
    for operation in ["<get/>", GET] {
        let reply = raw.rpc(operation).await;
        assert_eq!(reply.children().count(), 1);
        assert!(reply.child("data").is_some());
    }
    raw.error("<unlock><target><candidate/></target></unlock>").await;
}

/// One reply, with its namespace said in several ways.
#[tokio::test]
async fn n_046_the_client_takes_any_prefix() {
    let forms = [
        "<rpc-reply xmlns=\"BASE\" message-id=\"ID\"><data><x xmlns=\"urn:x\">1</x></data></rpc-reply>",
        "<nc:rpc-reply xmlns:nc=\"BASE\" message-id=\"ID\"><nc:data><x xmlns=\"urn:x\">1</x></nc:data></nc:rpc-reply>",
        "<a:rpc-reply xmlns:a=\"BASE\" message-id=\"ID\"><data xmlns=\"BASE\"><y:x xmlns:y=\"urn:x\">1</y:x></data></a:rpc-reply>",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rpc-reply message-id=\"ID\" xmlns:y=\"urn:x\" xmlns=\"BASE\">\n <data>\n <y:x>1</y:x>\n</data>\n</rpc-reply>\n",
    ];
    for form in forms {
        let (client, mut fake) = fake::connected(&[]).await;
        let call = tokio::spawn(async move { client.get_config("running", None).await });
        let (id, _) = fake::request(&mut fake).await;
        fake.say(&form.replace("BASE", BASE).replace("ID", &id)).await;
        let data = parse(&call.await.unwrap().unwrap());
        assert!(data.is("urn:x", "x") && data.text() == "1", "{form}");
    }
    for form in ["<ok/>", "<nc:ok xmlns:nc=\"BASE\"/>"] {
        let (client, mut fake) = fake::connected(&[]).await;
        let call = tokio::spawn(async move { client.commit().await });
        fake::answer(&mut fake, &form.replace("BASE", BASE)).await;
        call.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn n_047_a_reply_to_nobody_hurts_nobody() {
    let (client, mut fake) = fake::connected(&[]).await;
    let call = tokio::spawn(async move {
        let first = client.get_config("running", None).await;
        (first, client.commit().await)
    });
    let (id, _) = fake::request(&mut fake).await;
    fake.say(&fake::reply("999", "<ok/>")).await;
    fake.say(&fake::reply("not a number", "<ok/>")).await;
    fake.say(&fake::reply(&id, "<data><x xmlns=\"urn:x\"/></data>")).await;
    fake::answer(&mut fake, "<ok/>").await;
    let (first, second) = call.await.unwrap();
    assert!(first.unwrap().contains("urn:x"));
    second.unwrap();
}

#[tokio::test]
async fn n_048_unknown_operations_are_refused_and_the_session_goes_on() {
    let device = switch::start(None).await;
    let mut raw = Raw::open(&device).await;
    let tags = [
        ErrorTag::operation_not_supported(),
        ErrorTag::unknown_element(),
        ErrorTag::unknown_namespace(),
    ];
    for operation in [
        "<frobnicate xmlns=\"urn:none\"/>",
        "<frobnicate/>",
        "<delete-config><target><startup/></target></delete-config>",
    ] {
        let error = raw.error(operation).await;
        assert!(tags.contains(&error.tag), "{operation}: {error}");
    }
    raw.data(GET).await;
}

#[tokio::test]
async fn n_049_the_declaration_is_optional_and_there_is_no_doctype() {
    let device = switch::start(None).await;
    let mut raw = Raw::open(&device).await;
    let request = raw.request(GET);
    raw.say(&format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{request}\n")).await;
    assert!(parse(&raw.message().await).child("data").is_some());
    let request = raw.request(GET);
    raw.say(&format!("<!DOCTYPE rpc>{request}")).await;
    // An error or the end.
    if let Some(reply) = raw.message_or_end().await {
        assert!(reply.contains("rpc-error"), "{reply}");
    }
}

fn children(error: &Element) -> Vec<&str> {
    error.children().map(|child| child.name.as_str()).collect()
}

#[tokio::test]
async fn n_050_an_error_has_its_parts_in_order() {
    let device = switch::start(None).await;
    let mut raw = Raw::open(&device).await;
    let bad = switch::edit(&switch::interface("<nothing/>"));
    let reply = raw.rpc(&bad).await;
    let error = reply.child("rpc-error").unwrap();
    assert_eq!(
        children(error),
        ["error-type", "error-tag", "error-severity", "error-path", "error-message", "error-info"]
    );
    assert!(error.children().all(|child| child.namespace.as_deref() == Some(BASE)));
    let info = error.child("error-info").unwrap();
    assert!(info.children().all(|child| child.namespace.as_deref() == Some(BASE)));
}

/// What our client makes of an answer to a commit.
async fn commit_answered(body: &str) -> Result<netconf::Reply, ClientError> {
    let (client, mut fake) = fake::connected(&[]).await;
    let call = tokio::spawn(async move { client.commit().await });
    fake::answer(&mut fake, body).await;
    call.await.unwrap()
}

fn refusal(outcome: Result<netconf::Reply, ClientError>) -> Vec<RpcError> {
    match outcome {
        Err(ClientError::Rpc(errors)) => errors,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn n_050_the_client_takes_the_parts_in_any_order() {
    let shuffled = "<rpc-error><error-info><session-id>4</session-id></error-info><error-message xml:lang=\"en\">no</error-message><error-severity>error</error-severity><error-path xmlns:a=\"urn:a\">/a:x</error-path><error-tag>lock-denied</error-tag><error-app-tag>mine</error-app-tag><error-type>protocol</error-type></rpc-error>";
    let errors = refusal(commit_answered(shuffled).await);
    let error = &errors[0];
    assert_eq!((&error.tag, error.kind), (&ErrorTag::lock_denied(), ErrorType::Protocol));
    assert_eq!(error.lock_holder(), Some(4));
    assert_eq!(error.message.as_deref(), Some("no"));
    assert_eq!(error.app_tag.as_deref(), Some("mine"));
    assert_eq!(error.path.as_deref(), Some("/a:x"));
}

/// One trigger for each tag that the switch raises.
#[tokio::test]
async fn n_051_errors_name_what_is_bad() {
    let device = switch::start(None).await;
    let mut raw = Raw::open(&device).await;
    let with = |operation: &str| {
        switch::edit(&format!(
            "<interfaces xmlns=\"http://openconfig.net/yang/interfaces\"><interface {operation}><name>{}</name></interface></interfaces>",
            switch::PORTS[0]
        ))
    };
    let nc = format!("xmlns:nc=\"{BASE}\" nc:operation");
    let cases: [(String, ErrorTag, &[&str]); 9] = [
        ("<lock><target/></lock>".to_owned(), ErrorTag::missing_element(), &["bad-element"]),
        ("<get-config/>".to_owned(), ErrorTag::missing_element(), &["bad-element"]),
        (
            switch::edit(&switch::interface("<nothing/>")),
            ErrorTag::unknown_element(),
            &["bad-element"],
        ),
        (
            switch::edit(&switch::interface("<description xmlns=\"urn:wrong\">x</description>")),
            ErrorTag::unknown_namespace(),
            &["bad-element", "bad-namespace"],
        ),
        (
            with(&format!("{nc}=\"purge\"")),
            ErrorTag::bad_attribute(),
            &["bad-attribute", "bad-element"],
        ),
        (
            with("operation=\"delete\""),
            ErrorTag::unknown_attribute(),
            &["bad-attribute", "bad-element"],
        ),
        (with(&format!("{nc}=\"create\"")), ErrorTag::data_exists(), &[]),
        (
            "<get-config><source><running/></source><filter type=\"regex\"/></get-config>"
                .to_owned(),
            ErrorTag::bad_attribute(),
            &["bad-attribute", "bad-element"],
        ),
        ("<kill-session/>".to_owned(), ErrorTag::missing_element(), &["bad-element"]),
    ];
    for (operation, tag, wanted) in cases {
        let error = raw.error(&operation).await;
        assert_eq!(error.tag, tag, "{operation}: {error}");
        for name in wanted {
            assert!(info(&error, name).is_some(), "{operation}: no {name}: {error}");
        }
    }
}

/// Each prefix in the path is bound where the path stands, and each key is a predicate.
#[tokio::test]
async fn n_052_an_error_path_can_be_resolved() {
    let device = switch::start(None).await;
    let mut raw = Raw::open(&device).await;
    let bad = switch::edit(&switch::interface("<enabled>perhaps</enabled>"));
    let reply = raw.rpc(&bad).await;
    let path = reply.child("rpc-error").unwrap().child("error-path").unwrap();
    let text = path.text();
    assert!(text.starts_with('/'), "{text}");
    let steps: Vec<&str> = text.split("/oc-if:").skip(1).collect();
    assert_eq!(steps.len(), 4, "{text}");
    assert!(text.contains(&format!("[oc-if:name='{}']", switch::PORTS[0])), "{text}");
    let declared = path.to_xml();
    assert!(
        declared.contains("xmlns:oc-if=\"http://openconfig.net/yang/interfaces\""),
        "{declared}"
    );
}

const WARNING: &str = "<rpc-error><error-type>application</error-type><error-tag>operation-failed</error-tag><error-severity>warning</error-severity><error-message>careful</error-message></rpc-error>";

#[tokio::test]
async fn n_053_n_054_the_worst_severity_decides() {
    let error = WARNING.replace("warning", "error").replace("careful", "no");
    let errors = refusal(commit_answered(&format!("{WARNING}{error}")).await);
    assert_eq!(errors.len(), 2);
    assert_eq!(refusal(commit_answered(&format!("{error}{WARNING}")).await).len(), 2);
    for body in [WARNING.to_owned(), format!("{WARNING}<ok/>"), format!("<ok/>{WARNING}")] {
        let reply = commit_answered(&body).await.unwrap();
        assert_eq!(reply.warnings.len(), 1, "{body}");
        assert_eq!(reply.warnings[0].severity, Severity::Warning);
    }
}

#[tokio::test]
async fn n_055_what_a_vendor_makes_up_is_kept() {
    let body = "<rpc-error><error-tag>vendor-oops</error-tag><error-info><v:where xmlns:v=\"urn:v\"><v:deep>4</v:deep></v:where></error-info></rpc-error>";
    let errors = refusal(commit_answered(body).await);
    assert_eq!(errors[0].tag.0, "vendor-oops");
    assert_eq!(errors[0].info[0].0, "where");
}

#[tokio::test]
async fn n_056_rules_of_the_schema_have_their_tags() {
    let device = switch::start(None).await;
    let mut raw = Raw::open(&device).await;
    // A reference to an interface that is not there.
    let dangling = "<qos xmlns=\"http://openconfig.net/yang/qos\"><interfaces><interface><interface-id>a</interface-id><config><interface-id>a</interface-id></config><interface-ref><config><interface>nowhere</interface></config></interface-ref></interface></interfaces></qos>";
    raw.ok(&switch::edit(dangling)).await;
    for operation in ["<validate><source><candidate/></source></validate>", "<commit/>"] {
        let error = raw.error(operation).await;
        assert_eq!(error.tag, ErrorTag::data_missing(), "{error}");
        assert_eq!(error.app_tag.as_deref(), Some("instance-required"), "{error}");
        assert!(error.path.is_some_and(|path| path.contains("interface-ref")));
    }
}

/// A subinterface with a VLAN, whose type is a range.
fn vlan(id: &str) -> String {
    format!(
        "<interfaces xmlns=\"http://openconfig.net/yang/interfaces\"><interface><name>{}</name><subinterfaces><subinterface><index>1</index><vlan xmlns=\"http://openconfig.net/yang/vlan\"><match><single-tagged><config><vlan-id>{id}</vlan-id></config></single-tagged></match></vlan></subinterface></subinterfaces></interface></interfaces>",
        switch::PORTS[0]
    )
}

#[tokio::test]
async fn n_057_what_does_not_fit_the_schema_has_its_tag() {
    let device = switch::start(None).await;
    let mut raw = Raw::open(&device).await;
    let keyless = "<interfaces xmlns=\"http://openconfig.net/yang/interfaces\"><interface><config><mtu>1500</mtu></config></interface></interfaces>";
    let cases = [
        (switch::interface("<enabled>perhaps</enabled>"), ErrorTag::invalid_value()),
        (switch::interface("<mtu>70000</mtu>"), ErrorTag::invalid_value()),
        (switch::interface("<mtu>-1</mtu>"), ErrorTag::invalid_value()),
        (vlan("4095"), ErrorTag::invalid_value()),
        (switch::interface("<type xmlns:x=\"urn:x\">x:no-such</type>"), ErrorTag::invalid_value()),
        (switch::interface("<nothing/>"), ErrorTag::unknown_element()),
        (keyless.to_owned(), ErrorTag::missing_element()),
    ];
    for (config, tag) in cases {
        let error = raw.error(&switch::edit(&config)).await;
        assert_eq!(error.tag, tag, "{config}: {error}");
    }
    assert_eq!(device.running(), switch::boot());
}

/// The deadline is the call's; what comes later finds nobody.
#[tokio::test]
async fn n_111_n_152_a_late_reply_is_dropped() {
    let (client, mut fake) = fake::connected(&[]).await;
    let late: Client = client.clone();
    let error = late.rpc("<get/>", Duration::from_millis(50)).await.unwrap_err();
    assert!(matches!(error, ClientError::Timeout { .. }), "{error}");
    assert!(error.to_string().contains("read before repeating"), "{error}");
    let (id, _) = fake::request(&mut fake).await;
    let call = tokio::spawn(async move { client.get_config("running", None).await });
    let (next, _) = fake::request(&mut fake).await;
    assert_ne!(id, next);
    fake.say(&fake::reply(&id, "<data><late xmlns=\"urn:x\"/></data>")).await;
    fake.say(&fake::reply(&next, "<data><right xmlns=\"urn:x\"/></data>")).await;
    assert!(call.await.unwrap().unwrap().contains("right"));
}
