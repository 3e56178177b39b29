//! Numbers that follow from (seed, topic, element): splitmix64, so that any row can be computed on its own.

/// What a number is drawn for; two topics never share their draws.
#[derive(Debug, Clone, Copy)]
pub(super) enum Topic {
    Plan,
    Assigned,
    Stage,
    Day,
    Hour,
    Edited,
    Closing,
    Shipped,
    Paid,
    Client,
    Seller,
    Currency,
    RowCount,
    RateMode,
    Product,
    Price,
    Quantity,
    Discount,
    Included,
    Negative,
    Manual,
    Amount,
    Number,
    Comment,
    Source,
    Parent,
    Broken,
    BrokenSpot,
    ManyRowsSpot,
    Requisite,
    SecondRequisite,
    Inn,
    Registration,
    Name,
    Surname,
    Sex,
    Patronymic,
    Company,
    CompanyForm,
    City,
    Street,
    Phone,
    PhoneSpelling,
    Email,
    Birth,
    Title,
    Key,
    Bank,
    Payment,
}

/// The source of all numbers of one portal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(finish(seed ^ 0x6A09_E667_F3BC_C909))
    }

    /// A number of 64 even bits.
    pub(super) fn roll(self, topic: Topic, element: u64) -> u64 {
        let stream = self.0.wrapping_add((topic as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        finish(finish(stream) ^ element.wrapping_mul(0xD1B5_4A32_D192_ED03))
    }

    /// A number below `bound` (which is at least 1).
    pub(super) fn below(self, topic: Topic, element: u64, bound: u64) -> u64 {
        self.roll(topic, element) % bound.max(1)
    }

    /// True in `percent` of a hundred cases.
    pub(super) fn chance(self, topic: Topic, element: u64, percent: u64) -> bool {
        self.below(topic, element, 100) < percent
    }

    /// One of a list that is not empty.
    pub(super) fn pick<T: Copy>(self, topic: Topic, element: u64, list: &[T]) -> T {
        let at = self.below(topic, element, list.len() as u64);
        list[usize::try_from(at).unwrap_or(0)]
    }
}

fn finish(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
