//! Lines of a page, from where its strings are drawn (PDF 32000-1, 9.4).
//!
//! A line is often drawn in many strings: one for each word in bold, for each cell of a table. The order of drawing is kept,
//! so that columns stay columns.

use std::collections::HashMap;

use lopdf::content::{Content, Operation};
use lopdf::{Document, Object, ObjectId};

use super::font::Font;

/// Parts of a string's size: strings are on one line that are no further apart in height, words are that are further apart
/// in the line.
const HEIGHT: f32 = 0.4;
const SPACE: f32 = 0.15;
/// States that are kept at the same time, at most; the specification asks for 28.
const DEPTH: usize = 1_000;

/// The text of a page, line by line.
pub(super) fn text(document: &Document, page: ObjectId, bound: usize) -> lopdf::Result<String> {
    let fonts = document.get_page_fonts(page)?;
    let fonts = fonts.into_iter().filter_map(|(name, font)| Some((name, Font::new(font, document, bound)?)));
    let fonts: HashMap<Vec<u8>, Font<'_>> = fonts.collect();
    let content = document.get_page_content_with_limit(page, bound)?;
    let mut pen = Pen::default();
    for operation in Content::decode_iter(&content) {
        pen.follow(&operation?, &fonts);
    }
    Ok(pen.lines.text)
}

/// As in the specification: `[a b c d e f]`.
#[derive(Clone, Copy)]
struct Matrix([f32; 6]);

impl Default for Matrix {
    fn default() -> Self {
        Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0])
    }
}

impl Matrix {
    fn of(numbers: &[f32]) -> Self {
        numbers.first_chunk().copied().map_or_else(Self::default, Self)
    }

    fn moved(x: f32, y: f32) -> Self {
        Self([1.0, 0.0, 0.0, 1.0, x, y])
    }

    /// This one first, then the other.
    fn then(self, other: Self) -> Self {
        let (one, two) = (self.0, other.0);
        let row = |at: usize| {
            let (x, y) = (one[at], one[at + 1]);
            [x * two[0] + y * two[2], x * two[1] + y * two[3]]
        };
        let ([a, b], [c, d], moved) = (row(0), row(2), row(4));
        Self([a, b, c, d, moved[0] + two[4], moved[1] + two[5]])
    }
}

/// What a string depends on; kept by `q`.
#[derive(Clone, Default)]
struct State {
    page: Matrix,
    font: Vec<u8>,
    size: f32,
    leading: f32,
    between: f32,
    words: f32,
}

#[derive(Default)]
struct Pen {
    state: State,
    kept: Vec<State>,
    /// Of the next string, and of the beginning of its line.
    text: Matrix,
    line: Matrix,
    lines: Lines,
}

impl Pen {
    fn follow(&mut self, operation: &Operation, fonts: &HashMap<Vec<u8>, Font<'_>>) {
        let operands = &operation.operands;
        let numbers: Vec<f32> = operands.iter().filter_map(|operand| operand.as_float().ok()).collect();
        let number = |place: usize| numbers.get(place).copied().unwrap_or(0.0);
        match operation.operator.as_str() {
            "q" if self.kept.len() < DEPTH => self.kept.push(self.state.clone()),
            "Q" => self.state = self.kept.pop().unwrap_or_default(),
            "cm" => self.state.page = Matrix::of(&numbers).then(self.state.page),
            "BT" => self.set(Matrix::default()),
            "Tm" => self.set(Matrix::of(&numbers)),
            "Tc" => self.state.between = number(0),
            "Tw" => self.state.words = number(0),
            "TL" => self.state.leading = number(0),
            "Td" => self.advance(number(0), number(1)),
            "TD" => {
                self.state.leading = -number(1);
                self.advance(number(0), number(1));
            }
            "T*" => self.advance(0.0, -self.state.leading),
            "Tf" => {
                let name = operands.first().and_then(|name| name.as_name().ok());
                (self.state.font, self.state.size) = (name.unwrap_or_default().to_vec(), number(0));
            }
            "Tj" | "TJ" => self.show_all(operands, fonts),
            "'" | "\"" => {
                self.advance(0.0, -self.state.leading);
                self.show_all(operands, fonts);
            }
            _ => {}
        }
    }

    fn set(&mut self, matrix: Matrix) {
        (self.text, self.line) = (matrix, matrix);
    }

    fn advance(&mut self, x: f32, y: f32) {
        self.set(Matrix::moved(x, y).then(self.line));
    }

    fn show_all(&mut self, operands: &[Object], fonts: &HashMap<Vec<u8>, Font<'_>>) {
        let Some(font) = fonts.get(&self.state.font) else { return };
        for operand in operands {
            match operand {
                Object::String(string, _) => self.show(string, font),
                Object::Array(parts) => {
                    for part in parts {
                        if let Object::String(string, _) = part {
                            self.show(string, font);
                        } else if let Ok(back) = part.as_float() {
                            self.text = Matrix::moved(-back / 1_000.0 * self.state.size, 0.0).then(self.text);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn show(&mut self, string: &[u8], font: &Font<'_>) {
        let State { page, size, between, words, .. } = self.state;
        let spaces = if size == 0.0 { (0.0, 0.0) } else { (between / size, words / size) };
        let width = font.width(string, spaces);
        let start = self.text.then(page);
        self.text = Matrix::moved(width.unwrap_or(0.0) * size, 0.0).then(self.text);
        let Matrix([_, _, c, d, x, y]) = start;
        let drawn = Drawn { x, y, size: size * c.hypot(d), end: width.map(|_| self.text.then(page).0[4]) };
        self.lines.push(&font.text(string), drawn);
    }
}

/// Where a string begins and ends on the page, if that is known, and how high it is.
#[derive(Clone, Copy)]
struct Drawn {
    x: f32,
    y: f32,
    size: f32,
    end: Option<f32>,
}

#[derive(Default)]
struct Lines {
    text: String,
    last: Option<Drawn>,
}

impl Lines {
    fn push(&mut self, text: &str, drawn: Drawn) {
        if text.is_empty() {
            return;
        }
        if let Some(last) = self.last {
            let is_same_line =
                (drawn.y - last.y).abs() <= HEIGHT * drawn.size.max(last.size) && drawn.x >= last.x;
            let is_apart = last.end.is_none_or(|end| drawn.x - end > SPACE * drawn.size);
            let has_space = self.text.ends_with(char::is_whitespace) || text.starts_with(char::is_whitespace);
            match (is_same_line, is_apart) {
                (false, _) => self.text.push('\n'),
                (true, true) if !has_space => self.text.push(' '),
                _ => {}
            }
        }
        self.text.push_str(text);
        self.last = Some(drawn);
    }
}
