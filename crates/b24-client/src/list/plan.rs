//! Which pages to ask for next, as a pure state machine over a list of segments of the key range.
//!
//! A segment is a range of keys (or of offsets) that is still to be read, under way, or read. Segments lie in key
//! order; rows leave from the front. What is still to be read is cut into lanes: as wide as one request can read,
//! going by how many rows the keys read so far held. A lane that turns out fuller leaves a remainder, which is cut
//! again by its own density; after an empty lane the next piece is read without an upper bound, so that a gap of any
//! size costs one step.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use super::PAGE;
use super::page::RawPage;
use crate::error::Error;

/// Pages of the first request, when nobody said how many rows to expect: most lists are short.
const FIRST_PAGES: u64 = 10;
/// Pages of a request.
const PAGES: u64 = 50;
/// Pages for which it is worth to begin a lane in what is left of a request.
const WORTH_A_LANE: u64 = 10;
/// Fewer pages than that no request has because there is room for more requests.
const FEWEST_PAGES: u64 = 25;
/// Rows by which a lane may be fuller than its share of the keys promises.
const UNEVEN: u64 = 12;
/// Lists limited to fewer rows are read in one chain: only a chain never asks for a page too many.
const LANES_FROM: u64 = 10_000;

/// A chain of pages to ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) segment: u32,
    /// Keys above this one, or the offset of the first row.
    pub(super) low: u64,
    /// Keys up to this one, or the number of all rows.
    pub(super) high: Option<u64>,
    pub(super) pages: u64,
}

/// What came of a chain.
#[derive(Debug)]
pub(super) struct Got {
    pub(super) segment: u32,
    pub(super) pages: Vec<RawPage>,
    /// Key of the last row, or offset after it.
    pub(super) last: u64,
    /// Whether there is nothing more in the range.
    pub(super) ended: bool,
    /// How many rows there are in all, where offsets are counted.
    pub(super) total: Option<u64>,
    /// What stopped the chain before.
    pub(super) failure: Option<Error>,
}

/// One request.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Load {
    pub(super) parts: Vec<Part>,
    /// Whether to ask for the largest key too.
    pub(super) wants_top: bool,
}

impl Load {
    pub(super) fn pages(&self) -> u64 {
        self.parts.iter().map(|part| part.pages).sum()
    }
}

#[derive(Debug)]
enum State {
    ToDo,
    UnderWay,
    Failed(Error),
    Read,
}

#[derive(Debug)]
struct Segment {
    id: u32,
    low: u64,
    high: Option<u64>,
    state: State,
    pages: VecDeque<RawPage>,
    /// Its own density, once part of it is read.
    density: Option<Density>,
    /// Pages under way.
    asked: u64,
    /// It is read to find the other side of a gap.
    over_gap: bool,
}

/// Rows in a width of keys.
#[derive(Debug, Clone, Copy)]
struct Density {
    rows: u64,
    width: u64,
}

impl Density {
    fn rows_in(self, width: u64) -> u64 {
        let rows = u128::from(width) * u128::from(self.rows) / u128::from(self.width.max(1));
        u64::try_from(rows).unwrap_or(u64::MAX).min(width)
    }

    fn width_of(self, rows: u64) -> u64 {
        let width = u128::from(rows) * u128::from(self.width) / u128::from(self.rows.max(1));
        u64::try_from(width).unwrap_or(u64::MAX).max(rows)
    }
}

/// How a list is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish {
    pub(super) low: u64,
    pub(super) high: Option<u64>,
    pub(super) expecting: Option<u64>,
    pub(super) limit: Option<u64>,
    /// Bytes of rows that may be read before they are wanted.
    pub(super) look_ahead: u64,
    /// Ranges are of offsets: every one of them is a row.
    pub(super) offsets: bool,
    /// Requests may have fewer pages, so that the list ends sooner.
    pub(super) hurried: bool,
}

impl Wish {
    fn may_have_lanes(&self) -> bool {
        self.limit.is_none_or(|limit| limit > LANES_FROM)
    }
}

/// The segments and what is known about them.
#[derive(Debug)]
pub(super) struct Plan {
    wish: Wish,
    segments: VecDeque<Segment>,
    next_id: u32,
    started: bool,
    density: Option<Density>,
    /// The largest key, as far as it is known.
    top: Option<u64>,
    /// The density just below it.
    at_top: Option<Density>,
    /// A lane was empty.
    gap: bool,
    /// Rows of the limit that were not read yet.
    left: Option<u64>,
    pages_under_way: u64,
    /// Bytes of rows that wait to be given out.
    waiting: u64,
    /// Bytes and pages read so far.
    read: (u64, u64),
    spread: Spread,
}

/// Lanes that are cut for more requests than full ones would be.
#[derive(Debug, Clone, Copy)]
enum Spread {
    No,
    /// Once the range of keys and their density are known.
    Wanted,
    /// So many lanes of so many pages are still to be asked for.
    Lanes {
        left: u64,
        pages: u64,
    },
}

impl Plan {
    pub(super) fn new(wish: Wish) -> Self {
        let mut plan = Self {
            wish,
            segments: VecDeque::new(),
            next_id: 0,
            started: false,
            density: wish.offsets.then_some(Density { rows: 1, width: 1 }),
            top: None,
            at_top: None,
            gap: false,
            left: wish.limit,
            pages_under_way: 0,
            waiting: 0,
            read: (0, 0),
            spread: if wish.hurried && !wish.offsets && wish.limit.is_none() {
                Spread::Wanted
            } else {
                Spread::No
            },
        };
        if wish.limit != Some(0) && wish.high.is_none_or(|high| high > wish.low) {
            plan.insert(0, wish.low, wish.high, None);
        }
        plan
    }

    fn insert(&mut self, at: usize, low: u64, high: Option<u64>, density: Option<Density>) {
        let segment = Segment {
            id: self.next_id,
            low,
            high,
            state: State::ToDo,
            pages: VecDeque::new(),
            density,
            asked: 0,
            over_gap: false,
        };
        self.next_id += 1;
        self.segments.insert(at, segment);
    }

    /// The pages of the next request, at most `most`; none when nothing may be asked for now.
    pub(super) fn next(&mut self, most: u64) -> Load {
        let full = match self.spread {
            Spread::Lanes { pages, .. } => most.clamp(1, pages),
            Spread::No | Spread::Wanted => most.clamp(1, PAGES),
        };
        let mut room = full;
        if let Some(left) = self.left {
            let allowed = left.div_ceil(PAGE).saturating_sub(self.pages_under_way);
            // What is missing at the front is needed whatever was read behind it.
            room = room.min(if self.pages_under_way == 0 { allowed.max(1) } else { allowed });
        }
        let reach = if self.may_look_ahead(full) { usize::MAX } else { 1 };
        let mut load = Load::default();
        for at in 0..reach {
            if room == 0 || load.wants_top {
                break;
            }
            match self.segments.get(at).map(|segment| &segment.state) {
                // What comes after a failure is never given out.
                Some(State::Failed(_)) | None => break,
                Some(State::UnderWay | State::Read) => {}
                Some(State::ToDo) => match self.take(at, room, full, &mut load) {
                    Some(pages) => room -= pages.min(room),
                    None => break,
                },
            }
        }
        self.pages_under_way += load.pages();
        if let Spread::Lanes { left, .. } = &mut self.spread {
            *left = left.saturating_sub(load.parts.len() as u64);
            if *left == 0 {
                self.spread = Spread::No;
            }
        }
        load
    }

    /// Whether the pages could now be spread over more requests.
    pub(super) fn wants_spreading(&self) -> bool {
        matches!(self.spread, Spread::Wanted) && self.density.is_some() && self.top.is_some()
    }

    /// Cuts what is left into one lane for each of the requests that may go at once, unless their pages do not
    /// suffice or so many requests are not worth it.
    pub(super) fn spread(&mut self, requests: u64) {
        self.spread = Spread::No;
        let Some(at) = self.segments.len().checked_sub(1) else { return };
        let (Some(rows), Some(top)) = (self.estimate(at), self.top) else { return };
        let Some(segment) = self.segments.get_mut(at).filter(|segment| matches!(segment.state, State::ToDo))
        else {
            return;
        };
        let lanes = requests.min(rows.div_ceil(FEWEST_PAGES * PAGE));
        let (low, high, own) = (segment.low, segment.high, segment.density);
        if lanes < 2 || rows / lanes + UNEVEN >= PAGES * PAGE {
            return;
        }
        let width = (high.map_or(top, |high| high.min(top)) - low).div_ceil(lanes);
        let end = |lane: u64| low.saturating_add(width.saturating_mul(lane));
        segment.high = Some(end(1));
        for lane in 1..lanes {
            let high = if lane + 1 == lanes { high } else { Some(end(lane + 1)) };
            self.insert(self.segments.len(), end(lane), high, own);
        }
        self.spread = Spread::Lanes { left: lanes, pages: (rows / lanes + UNEVEN) / PAGE + 1 };
    }

    fn may_look_ahead(&self, pages: u64) -> bool {
        let (bytes, read) = self.read;
        let expected = (self.pages_under_way + pages) * bytes / read.max(1);
        self.waiting + expected <= self.wish.look_ahead
    }

    /// Puts the segment, or a lane cut from its front, into the load; gives the pages it takes.
    fn take(&mut self, at: usize, room: u64, full: u64, load: &mut Load) -> Option<u64> {
        let lanes = self.wish.may_have_lanes();
        let mut over_gap = false;
        let pages = match self.estimate(at) {
            None if !load.parts.is_empty() => return None,
            None => self.unknown(at, room, load),
            Some(rows) => {
                // The page after the last row must be seen to be short, unless every key is a row.
                let least = if self.wish.offsets { rows.div_ceil(PAGE).max(1) } else { rows / PAGE + 1 };
                if least <= room || !lanes {
                    let spare = if self.wish.offsets { 0 } else { least / 16 };
                    (least + spare).min(room)
                } else if std::mem::take(&mut self.gap) {
                    over_gap = true;
                    room.min(FIRST_PAGES)
                } else if room < WORTH_A_LANE.min(full) {
                    return None;
                } else {
                    self.cut(at, room);
                    room
                }
            }
        };
        let segment = self.segments.get_mut(at)?;
        segment.state = State::UnderWay;
        segment.asked = pages;
        segment.over_gap = over_gap;
        load.parts.push(Part { segment: segment.id, low: segment.low, high: segment.high, pages });
        Some(pages)
    }

    /// Pages of a range nothing is known about.
    fn unknown(&mut self, at: usize, room: u64, load: &mut Load) -> u64 {
        if self.wish.offsets {
            return 1;
        }
        let asked = self.segments.get(at).map_or(0, |segment| segment.asked);
        let first = !std::mem::replace(&mut self.started, true);
        let many = self.wish.expecting.is_none_or(|rows| rows >= PAGES * PAGE);
        load.wants_top = self.wish.may_have_lanes() && self.top.is_none() && (!first || many) && room > 1;
        let pages = match self.wish.expecting {
            _ if !first && self.top.is_some() && asked < FIRST_PAGES => FIRST_PAGES,
            _ if !first => PAGES,
            Some(rows) if !many => rows / PAGE + 1,
            // The sooner the range of keys is known, the sooner all other requests go.
            _ if matches!(self.spread, Spread::Wanted) && load.wants_top => 1,
            _ if self.wish.may_have_lanes() => FIRST_PAGES,
            _ => PAGES,
        };
        pages.min(if load.wants_top { room - 1 } else { room })
    }

    /// How many rows a segment holds, as far as that can be said.
    fn estimate(&self, at: usize) -> Option<u64> {
        let segment = self.segments.get(at)?;
        if self.wish.offsets {
            return segment.high.map(|high| high - segment.low);
        }
        let density = segment.density.or(self.density)?;
        let end = match (segment.high, self.top) {
            (Some(high), Some(top)) if at + 1 == self.segments.len() => high.min(top),
            (Some(high), _) => high,
            // Rows were added above what was the largest key: how many, nobody knows.
            (None, top) => top.filter(|top| *top > segment.low)?,
        };
        Some(density.rows_in(end.saturating_sub(segment.low)))
    }

    /// Cuts a lane of `pages` pages off the front of a segment.
    fn cut(&mut self, at: usize, pages: u64) {
        let Some(segment) = self.segments.get_mut(at) else { return };
        let Some(density) = segment.density.or(self.density) else { return };
        let rows = pages * PAGE;
        // Where nearly every key is a row, a lane of as many keys as rows fit can never be too full.
        let dense = density.rows_in(rows) + PAGE >= rows;
        let width = if dense { rows } else { density.width_of(rows - PAGE / 2) };
        let (middle, high, own) = (segment.low.saturating_add(width), segment.high, segment.density);
        segment.high = Some(middle);
        self.insert(at + 1, middle, high, own);
    }

    /// Takes what came of a chain.
    pub(super) fn received(&mut self, got: Got) {
        let Some(at) = self.segments.iter().position(|segment| segment.id == got.segment) else { return };
        self.measure(at, &got);
        let Some(segment) = self.segments.get_mut(at) else { return };
        let rows: u64 = got.pages.iter().map(RawPage::rows_read).sum();
        let bytes: u64 = got.pages.iter().map(RawPage::bytes).sum();
        self.pages_under_way -= segment.asked;
        self.left = self.left.map(|left| left.saturating_sub(rows));
        self.waiting += bytes;
        self.read = (self.read.0 + bytes, self.read.1 + got.pages.len() as u64);
        segment.pages.extend(got.pages);
        segment.low = got.last;
        segment.high = segment.high.or(got.total);
        segment.state = match got.failure {
            Some(failure) => State::Failed(failure),
            None if got.ended => State::Read,
            None => State::ToDo,
        };
    }

    /// Learns how dense the keys are from a chain.
    fn measure(&mut self, at: usize, got: &Got) {
        let Some(segment) = self.segments.get_mut(at).filter(|_| !self.wish.offsets) else { return };
        let rows: u64 = got.pages.iter().map(RawPage::rows_read).sum();
        let first = got.pages.iter().find_map(RawPage::first_key);
        let begin = match first {
            Some(first) if self.density.is_none() || segment.over_gap => first - 1,
            _ => segment.low,
        };
        let end = if got.ended { segment.high.unwrap_or(got.last) } else { got.last };
        let fresh = Density { rows, width: end.saturating_sub(begin) };
        if got.failure.is_some() || fresh.width == 0 {
            return;
        }
        self.gap |= rows == 0 && segment.high.is_some();
        let local = (rows > 0).then_some(fresh);
        self.density = match self.density {
            Some(known) if !segment.over_gap => {
                segment.density = local;
                Some(Density { rows: known.rows / 2 + rows, width: known.width / 2 + fresh.width })
            }
            Some(_) => local.or(self.density),
            // Lanes that are too wide cost nothing, lanes that are too narrow cost requests.
            None => {
                Some(self.at_top.filter(|top| top.rows_in(fresh.width) < rows - rows / 5).unwrap_or(fresh))
            }
        };
        if let Some(next) = self.segments.get_mut(at + 1).filter(|next| matches!(next.state, State::ToDo)) {
            // What lies next to it is likely to look like it.
            next.density = local;
        }
        self.top = self.top.map(|top| top.max(got.last));
    }

    /// Notes the largest key, and how many keys there are from another one up to it.
    pub(super) fn top(&mut self, (from, to, rows): (u64, u64, u64)) {
        self.top = Some(self.top.map_or(to, |top| top.max(to)));
        self.at_top = (rows == PAGE).then_some(Density { rows, width: to - from + 1 });
    }

    /// The next page in order.
    pub(super) fn pop(&mut self) -> Option<RawPage> {
        while let Some(front) = self.segments.front_mut() {
            if let Some(page) = front.pages.pop_front() {
                self.waiting -= page.bytes();
                return Some(page);
            }
            if !matches!(front.state, State::Read) {
                return None;
            }
            self.segments.pop_front();
        }
        None
    }

    /// The failure that everything before it has been given out for.
    pub(super) fn failure(&self) -> Option<&Error> {
        match self.segments.front().map(|front| (&front.state, front.pages.is_empty())) {
            Some((State::Failed(error), true)) => Some(error),
            _ => None,
        }
    }

    /// Whether everything is read and given out.
    pub(super) fn is_done(&self) -> bool {
        self.segments.is_empty()
    }
}
