use proptest::prelude::*;

use super::*;
use crate::encode::to_json;
use crate::json;

/// Runs a batch on a portal of a few made-up methods; `time` is left out of the answer.
fn run(params: &str) -> String {
    run_params(json::parse(params.as_bytes()).unwrap())
}

fn run_params(params: Value) -> String {
    let Value::Map(params) = params else { panic!("no map") };
    let mut batch = Batch::new(params);
    while let Some(command) = batch.next_command() {
        match call(&command) {
            Ok(reply) => batch.succeed(reply, Map::new()),
            Err(refusal) => batch.refuse(&refusal),
        }
    }
    to_json(&batch.finish()).replace(r#","result_time":[]"#, "").replace(r#","result_time":{"#, ",T{")
}

fn call(command: &Command) -> Result<Reply, Refusal> {
    let value = |text: &str| json::parse(text.as_bytes()).unwrap();
    match command.method.as_str() {
        "echo" => Ok(Reply::of(command.params.clone())),
        "void" => Ok(Reply::of(Value::Null)),
        "id" => Ok(Reply::of(Value::Int(17))),
        "page" => Ok(Reply {
            result: value(r#"[{"ID":"11"},{"ID":"12"}]"#),
            next: Some(50),
            total: Some(137),
            rows: 2,
        }),
        "item" => Ok(Reply::of(value(r#"{"item":{"id":5,"title":"Счёт 5","sum":12.5,"gone":null}}"#))),
        _ => Err(Refusal::legacy("Not found")),
    }
}

#[test]
fn an_object_of_commands_stays_an_object_and_empty_maps_are_empty_lists() {
    insta::assert_snapshot!(run(r#"{"halt":0,"cmd":{"a":"item","l":"page?start=0&"}}"#), @r#"{"result":{"a":{"item":{"id":5,"title":"Счёт 5","sum":12.5,"gone":null}},"l":[{"ID":"11"},{"ID":"12"}]},"result_error":[],"result_total":{"l":137},"result_next":{"l":50},T{"a":[],"l":[]}}"#);
    insta::assert_snapshot!(run(r#"{"cmd":{}}"#), @r#"{"result":[],"result_error":[],"result_total":[],"result_next":[]}"#);
    insta::assert_snapshot!(run(r#"{"cmd":"item"}"#), @r#"{"result":[],"result_error":[],"result_total":[],"result_next":[]}"#);
}

#[test]
fn lists_stay_lists_until_a_gap_makes_them_objects() {
    insta::assert_snapshot!(run(r#"{"cmd":["id","void","oops"]}"#), @r#"{"result":[17,null],"result_error":{"2":{"error":"","error_description":"Not found"}},"result_total":[],"result_next":[],"result_time":[[],[]]}"#);
    insta::assert_snapshot!(run(r#"{"cmd":["oops","id"]}"#), @r#"{"result":{"1":17},"result_error":[{"error":"","error_description":"Not found"}],"result_total":[],"result_next":[],T{"1":[]}}"#);
    insta::assert_snapshot!(run(r#"{"cmd":{"0":"id","1":"id"}}"#), @r#"{"result":[17,17],"result_error":[],"result_total":[],"result_next":[],"result_time":[[],[]]}"#);
}

#[test]
fn halt_is_php_truthiness_and_leaves_later_commands_in_no_map() {
    for halt in ["1", "true", r#""Y""#, r#""false""#, r#""0.0""#, "[0]", "0.5"] {
        let answer = run(&format!(r#"{{"HALT":{halt},"CMD":{{"a":"oops","b":"id"}}}}"#));
        assert!(!answer.contains("17"), "{halt}: {answer}");
    }
    for halt in ["0", r#""0""#, "false", r#""""#, "null", "[]", "{}", "0.0", "-0.0"] {
        let answer = run(&format!(r#"{{"halt":{halt},"cmd":{{"a":"oops","b":"id"}}}}"#));
        assert!(answer.contains(r#""b":17"#), "{halt}: {answer}");
    }
}

#[test]
fn from_the_fifty_first_command_on_each_is_refused_and_entries_that_are_no_strings_count() {
    let commands: Vec<&str> = std::iter::once("7").chain(std::iter::repeat_n(r#""id""#, 51)).collect();
    let answer = run(&format!(r#"{{"cmd":[{}]}}"#, commands.join(",")));
    assert_eq!(answer.matches(":17").count(), 49);
    let refused = r#""result_error":{"50":{"error":"ERROR_BATCH_LENGTH_EXCEEDED","error_description":"Max batch length exceeded"},"51":{"#;
    assert!(answer.contains(refused), "{answer}");
    assert!(answer.starts_with(r#"{"result":{"1":17,"#), "{answer}");
}

#[test]
fn a_batch_inside_a_batch_is_refused_and_methods_are_lower_cased() {
    insta::assert_snapshot!(run(r#"{"cmd":{"n":"batch?cmd[a]=id","c":"ID#x?y=1"}}"#), @r#"{"result":{"c":17},"result_error":{"n":{"error":"ERROR_BATCH_METHOD_NOT_ALLOWED","error_description":"Method is not allowed for batch usage"}},"result_total":[],"result_next":[],T{"c":[]}}"#);
}

fn echoed(query: &str) -> String {
    let commands = format!(r#"{{"cmd":{{"p":"page","i":"item","n":"id","bad":"oops","e":"echo?{query}"}}}}"#);
    let answer = run(&commands);
    let from = answer.find(r#""e":"#).unwrap() + 4;
    answer[from..answer.find(r#"},"result_error""#).unwrap()].to_owned()
}

#[test]
fn a_value_that_is_one_reference_takes_the_raw_value() {
    assert_eq!(echoed("a=$result[i][item][id]"), r#"{"a":5}"#);
    assert_eq!(echoed("a=%24result%5Bi%5D%5Bitem%5D%5Btitle%5D"), r#"{"a":"Счёт 5"}"#);
    assert_eq!(
        echoed("f[%3EID]=$result[p][1][ID]&x[y][]=$next[p]"),
        r#"{"f":{"\u003EID":"12"},"x":{"y":[50]}}"#
    );
    assert_eq!(echoed("a=$total[p]&b=$error[bad][error_description]"), r#"{"a":137,"b":"Not found"}"#);
}

#[test]
fn a_missing_key_gives_the_value_reached_so_far() {
    assert_eq!(echoed("a=$result[p][49][ID]"), r#"{"a":[{"ID":"11"},{"ID":"12"}]}"#);
    assert_eq!(echoed("a=$result[n][ID]"), r#"{"a":17}"#);
    assert_eq!(echoed("a=$result[i][item][gone][x]").matches("gone").count(), 1);
    assert!(echoed("a=$result[later]").starts_with(r#"{"a":{"p":["#));
    assert_eq!(echoed("a=$error[p]"), r#"{"a":{"bad":{"error":"","error_description":"Not found"}}}"#);
}

#[test]
fn glued_text_is_lost_and_text_after_a_space_stays() {
    assert_eq!(echoed("a=$result[p][0][ID],x"), r#"{"a":"11"}"#);
    assert_eq!(echoed("a=Deal+$result[p][0][ID]+created"), r#"{"a":"Deal 11 created"}"#);
    assert_eq!(echoed("a=no:$result[n],x+and+$result[i][item][sum]"), r#"{"a":"no:17 and 12.5"}"#);
    assert_eq!(echoed("a=all+$result[p]+rows"), r#"{"a":"all $result[p] rows"}"#);
}

#[test]
fn what_is_no_reference_stays() {
    assert_eq!(echoed("a=$result&b=5$&c=$$price[1]"), r#"{"a":"$result","b":"5$","c":"$$price[1]"}"#);
    assert_eq!(echoed("$result[n]=1"), r#"{"$result":{"n":"1"}}"#);
    assert_eq!(echoed("a=$RESULT[n]"), r#"{"a":null}"#);
}

#[test]
fn a_form_encoded_batch_is_the_same_batch() {
    let form =
        parse_query(b"halt=0&cmd[i]=item&cmd[e]=echo%3Fa%3D%24result%5Bi%5D%5Bitem%5D%5Bid%5D%26b%3Dx%2520y");
    let answer = run_params(Value::Map(form));
    assert!(answer.contains(r#""e":{"a":5,"b":"x y"}"#), "{answer}");
}

proptest! {
    #[test]
    fn every_command_that_ran_is_in_exactly_one_map_and_after_a_halt_there_is_nothing(
        kinds in proptest::collection::vec(0_usize..4, 0..70),
        halt in any::<bool>(),
    ) {
        let texts = ["id", "page", "oops"];
        let command = |kind: &usize| texts.get(*kind).map_or(Value::Int(5), |text| Value::from(*text));
        let mut params = Map::new();
        params.set("halt", halt);
        params.set("cmd", kinds.iter().map(command).collect::<Vec<_>>());
        let mut batch = Batch::new(params);
        let mut ran = Vec::new();
        while let Some(command) = batch.next_command() {
            ran.push(command.position);
            match call(&command) {
                Ok(reply) => batch.succeed(reply, Map::new()),
                Err(refusal) => batch.refuse(&refusal),
            }
        }
        let halted = kinds.iter().take(MAX_LENGTH).position(|k| *k == 2).filter(|_| halt);
        let expected: Vec<usize> = (0..kinds.len().min(MAX_LENGTH))
            .filter(|i| kinds[*i] != 3 && halted.is_none_or(|at| *i <= at))
            .collect();
        prop_assert_eq!(&ran, &expected);
        for (position, kind) in kinds.iter().enumerate() {
            let key = position.to_string();
            let maps = [&batch.collected.result, &batch.collected.error, &batch.collected.total];
            let found = maps.map(|map| map.get(&key).is_some());
            let wanted = match (ran.contains(&position), position >= MAX_LENGTH) {
                (true, _) => [*kind != 2, *kind == 2, *kind == 1],
                (false, true) => [false, halted.is_none() && (!halt || position == MAX_LENGTH), false],
                (false, false) => [false; 3],
            };
            prop_assert_eq!(found, wanted, "command {}", position);
        }
    }
}
