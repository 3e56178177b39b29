//! Bodies of answers: `result` with `next`, `total` and `time`, or an error (reference, section 2).

use std::time::Duration;

use crate::clock::Moment;
use crate::encode::write_value;
use crate::method::{Refusal, Reply};
use crate::operating::Usage;
use crate::value::{Map, Value};

/// What nginx says when PHP does not answer in time.
pub(crate) const GATEWAY_TIMEOUT: &str = "<html>\r\n<head><title>504 Gateway Time-out</title></head>\r\n<body>\r\n\
<center><h1>504 Gateway Time-out</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

/// The injected HTML page.
pub(crate) const BAD_GATEWAY: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

/// `{"result":…,"next":…,"total":…,"time":…}`.
pub(crate) fn success(reply: &Reply, time: Map) -> String {
    let mut out = String::with_capacity(1024);
    out.push_str("{\"result\":");
    write_value(&mut out, &reply.result);
    for (name, number) in [(",\"next\":", reply.next), (",\"total\":", reply.total)] {
        if let Some(number) = number {
            out.push_str(name);
            write_value(&mut out, &Value::from(number));
        }
    }
    out.push_str(",\"time\":");
    write_value(&mut out, &Value::Map(time));
    out.push('}');
    out
}

/// `{"error":…,"error_description":…}`.
pub(crate) fn refusal(refusal: &Refusal) -> String {
    let mut out = String::new();
    write_value(&mut out, &Value::Map(refusal.to_map()));
    out
}

/// The `time` member; `start` and `processing` are whole numbers, as on builds of 2026.
pub(crate) fn time(start: Moment, finish: Moment, usage: Usage) -> Map {
    let took = finish.unix.saturating_sub(start.unix);
    let mut out = Map::new();
    out.push("start", Value::from(start.unix.as_secs()));
    out.push("finish", fraction(finish.unix));
    out.push("duration", fraction(took));
    out.push("processing", Value::from(took.as_secs()));
    out.push("date_start", start.iso());
    out.push("date_finish", finish.iso());
    out.push("operating_reset_at", Value::from(usage.reset_at.as_secs()));
    out.push("operating", fraction(usage.used));
    out
}

fn fraction(time: Duration) -> Value {
    Value::Number(format!("{}.{:06}", time.as_secs(), time.subsec_micros()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(micros: u64) -> Moment {
        Moment { unix: Duration::from_micros(micros) }
    }

    #[test]
    fn a_list_reply_has_next_total_and_time_in_this_order() {
        let reply = Reply { result: Value::from("x"), next: Some(50), total: Some(137), rows: 1 };
        let usage = Usage { used: Duration::from_millis(171), reset_at: Duration::from_secs(1_790_000_601) };
        let body = success(&reply, time(at(1_790_000_001_104_211), at(1_790_000_001_301_442), usage));
        insta::assert_snapshot!(body, @r#"{"result":"x","next":50,"total":137,"time":{"start":1790000001,"finish":1790000001.301442,"duration":0.197231,"processing":0,"date_start":"2026-09-21T17:13:21+03:00","date_finish":"2026-09-21T17:13:21+03:00","operating_reset_at":1790000601,"operating":0.171}}"#);
    }

    #[test]
    fn a_refusal_has_neither_result_nor_time_and_keeps_its_further_members() {
        let mut refused = Refusal::coded("ERROR_ARGUMENT", "bad");
        refused.extra.set("argument", "id");
        insta::assert_snapshot!(refusal(&refused), @r#"{"error":"ERROR_ARGUMENT","error_description":"bad","argument":"id"}"#);
        insta::assert_snapshot!(refusal(&Refusal::coded(0_i64, "")), @r#"{"error":0,"error_description":""}"#);
    }
}
