use embed_queue::{Embedder as _, Lexical, Vector, contract};

use crate::provider::{Fake, Fault};

#[tokio::test]
async fn the_built_in_embedder_keeps_the_contract_and_says_that_it_is_lexical() {
    contract::check(&Lexical).await.unwrap();
    assert!(Lexical.capabilities().lexical);
}

#[tokio::test]
async fn the_fake_provider_keeps_the_contract() {
    contract::check(&Fake::new()).await.unwrap();
    contract::check(&Fake::new().at_most(1)).await.unwrap();
}

#[tokio::test]
async fn the_contract_notices_broken_promises() {
    for fault in [
        Fault::Drop,
        Fault::Duplicate,
        Fault::ShortList,
        Fault::Stranger,
        Fault::WrongDimension,
        Fault::NotANumber,
        Fault::Zero,
        Fault::Unavailable,
    ] {
        assert!(contract::check(&Fake::new().failing([fault.clone()])).await.is_err(), "{fault:?}");
    }
}

#[tokio::test]
async fn lexical_vectors_are_near_when_texts_share_words_and_parts_of_words() {
    let near = |one: &'static str, other: &'static str| async move { cosine(one, other).await };
    let other_form = near("оплата счёта поставщика", "оплатить счета поставщиков").await;
    let other_topic = near("оплата счёта поставщика", "прогноз погоды на завтра").await;
    assert!(other_form > 0.4, "{other_form}");
    assert!(other_topic < 0.2, "{other_topic}");
    assert!(near("ёлка", "елка").await > 0.999);
}

async fn cosine(one: &str, other: &str) -> f32 {
    let inputs = [one, other].map(|text| embed_queue::Input::new(text.to_owned()));
    let answers = Lexical.embed(embed_queue::Purpose::Document, &inputs).await.unwrap().answers;
    let dimensions = Lexical.space().dimensions;
    let vectors: Vec<Vector> =
        answers.into_iter().map(|answer| Vector::new(answer.outcome.unwrap(), dimensions).unwrap()).collect();
    vectors[0].components().iter().zip(vectors[1].components()).map(|(a, b)| a * b).sum()
}
