use super::*;
use serde_json::{Value, json};

const ABI: &str = r#"{
  "abi": 1, "module": "Test", "tick": false,
  "calls": [{"number": 3, "name": "play", "error": "Wrong", "returns": {"option": "u64"}, "args": [
    {"name": "to", "type": "Move"}, {"name": "whom", "type": "account"}, {"name": "notes", "type": {"list": [{"text": 5}, 2]}}]}],
  "errors": {"Wrong": [{"code": 7, "name": "NotYours", "text": "not yours"}]},
  "types": {
    "Move": {"docs": "A move.", "enum": [
      {"tag": 0, "name": "Pass", "fields": []},
      {"tag": 4, "name": "Go", "fields": [{"name": "by", "type": {"tuple": ["i8", "u128"]}}, {"name": "speed", "type": "fixed"}]}]},
    "All": {"struct": [{"name": "a", "type": {"array": ["u16", 2]}}, {"name": "b", "type": "bool"}, {"name": "c", "type": {"bytes": 4}}]},
    "Loop": {"struct": [{"name": "again", "type": "Loop"}]},
    "Many": {"struct": [{"name": "many", "type": {"array": [{"array": ["Nothing", 1000]}, 1000]}}]},
    "Nothing": {"struct": []}
  }
}"#;

fn abi() -> Abi {
    Abi::parse(ABI.as_bytes()).expect("an ABI")
}

fn encoded(args: &Value) -> Result<Vec<u8>> {
    let abi = abi();
    encode(&abi, &abi.call("play")?.args, args, &mut |name| {
        [name.len() as u8; 20]
    })
}

fn named(name: &str) -> Type {
    Type::Name(name.to_owned())
}

#[test]
fn arguments_become_the_bytes_of_the_codec() {
    let args = json!({
        "to": {"Go": {"by": [-2, "340282366920938463463374607431768211455"], "speed": "-1.5"}},
        "whom": "bob",
        "notes": ["hi", ""],
    });
    let mut wanted = vec![4, 0xfe];
    wanted.extend([0xff; 16]);
    wanted.extend((-(3i64 << 31)).to_le_bytes());
    wanted.extend([3; 20]);
    wanted.extend([2, 0, 2, 0, b'h', b'i', 0, 0]);
    assert_eq!(encoded(&args).expect("well-typed"), wanted);
    assert_eq!(
        encoded(&json!({"to": "Pass", "whom": format!("0x{}", "0a".repeat(20)), "notes": []}))
            .expect("well-typed"),
        [&[0][..], &[10; 20], &[0, 0]].concat()
    );
}

#[test]
fn a_mistake_is_named_with_its_place() {
    let good = json!({"to": "Pass", "whom": "bob", "notes": []});
    for (change, words) in [
        (
            json!({"to": "Fly"}),
            "`to`: Move has no variant `Fly`; it has: Pass, Go",
        ),
        (json!({"notes": ["toolong"]}), "`notes`: 7 where at most 5 belong"),
        (
            json!({"notes": ["a", "b", "c"]}),
            "`notes`: 3 where at most 2 belong",
        ),
        (
            json!({"whom": "0x12"}),
            "`whom`: 20 bytes in hexadecimal belong here, beginning with 0x",
        ),
        (
            json!({"where": 1}),
            "there is no `where`; there is: to, whom, notes",
        ),
        (
            json!({"to": {"Go": {"by": [200, 0], "speed": 0}}}),
            "`to`: `by`: 200 does not fit 8 bits",
        ),
        (
            json!({"to": {"Go": {"by": [-1, -1], "speed": 0}}}),
            "`to`: `by`: not a whole number from 0",
        ),
    ] {
        let mut args = good.clone();
        for (name, value) in change.as_object().expect("an object") {
            args[name] = value.clone();
        }
        assert_eq!(format!("{:#}", encoded(&args).expect_err("a mistake")), words);
    }
    assert_eq!(
        format!("{:#}", encoded(&json!({})).expect_err("nothing")),
        "`to` is missing"
    );
    let missing = abi().call("jump").map(|_| ()).expect_err("no such call");
    assert_eq!(missing.to_string(), "the module has no call `jump`; it has: play");
}

#[test]
fn values_come_back() {
    let abi = abi();
    let bytes = [1, 0, 255, 255, 1, 2, 0, 0xab, 0xcd];
    let value = decode(&abi, &named("All"), &bytes).expect("a value");
    assert_eq!(value, json!({"a": [1, 65535], "b": true, "c": "0xabcd"}));
    let large = decode(&abi, &named("u64"), &[0xff; 8]).expect("a number");
    assert_eq!(large, json!("18446744073709551615"));
    assert_eq!(
        decode(&abi, &named("i64"), &[0xff; 8]).expect("a number"),
        json!(-1)
    );
    let speed = (-(3i64 << 31)).to_le_bytes();
    assert_eq!(
        decode(&abi, &named("fixed"), &speed).expect("a number"),
        json!("-1.5")
    );
}

#[test]
fn hostile_bytes_and_types_are_errors() {
    let abi = abi();
    for (ty, bytes) in [
        ("bool", &[2][..]),
        ("u16", &[1]),
        ("u8", &[1, 2]),
        ("All", &[0; 4]),
        ("Move", &[1]),
        ("Missing", &[]),
        ("Loop", &[]),
        ("Many", &[]),
    ] {
        assert!(decode(&abi, &named(ty), bytes).is_err(), "{ty}");
    }
    assert!(Abi::parse(b"{\"abi\": 2, \"module\": \"x\"}").is_err());
    assert!(Abi::parse(b"[]").is_err());
}

#[test]
fn errors_have_names() {
    let abi = abi();
    let entry = abi.call("play").expect("the call");
    assert_eq!(abi.error_name(entry, 7), Some("NotYours"));
    assert_eq!(abi.error_name(entry, 8), None);
}
