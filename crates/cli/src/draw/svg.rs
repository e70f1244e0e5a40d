//! As much of SVG 1.1 as the map needs, written so that the text is always well-formed.

use super::geometry::{Curve, Point, Rect};
use std::fmt::Write;

#[derive(Debug, Default)]
pub(super) struct Svg {
    text: String,
}

/// A number with one decimal, which is a tenth of a pixel.
fn n(value: f64) -> String {
    let text = format!("{value:.1}");
    match text.strip_suffix(".0").unwrap_or(&text) {
        "-0" => "0".to_owned(),
        text => text.to_owned(),
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // Control characters are not XML (XML 1.0 §2.2).
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Where the text of a label begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Svg {
    pub(super) fn new(width: f64, height: f64, title: &str, style: &str) -> Self {
        let (w, h, title) = (n(width), n(height), escaped(title));
        let text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" \
             viewBox=\"0 0 {w} {h}\" role=\"img\">\n<title>{title}</title>\n<style>{style}</style>\n"
        );
        Self { text }
    }

    pub(super) fn finish(mut self) -> String {
        self.text.push_str("</svg>\n");
        self.text
    }

    fn push(&mut self, arguments: std::fmt::Arguments<'_>) {
        self.text.write_fmt(arguments).expect("a string takes everything");
        self.text.push('\n');
    }

    /// What belongs together, with a text that shows when it is pointed at.
    pub(super) fn group(&mut self, hover: &str, draw: impl FnOnce(&mut Self)) {
        self.push(format_args!("<g><title>{}</title>", escaped(hover)));
        draw(self);
        self.push(format_args!("</g>"));
    }

    pub(super) fn rect(&mut self, class: &str, r: Rect, corner: f64) {
        let (x, y, w, h) = (n(r.x), n(r.y), n(r.width), n(r.height));
        let corner = if corner > 0.0 { format!(" rx=\"{}\"", n(corner)) } else { String::new() };
        self.push(format_args!(
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"{corner}/>"
        ));
    }

    pub(super) fn circle(&mut self, class: &str, at: Point, radius: f64) {
        let (x, y, r) = (n(at.x), n(at.y), n(radius));
        self.push(format_args!("<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{r}\"/>"));
    }

    pub(super) fn line(&mut self, class: &str, from: Point, to: Point) {
        let (x1, y1, x2, y2) = (n(from.x), n(from.y), n(to.x), n(to.y));
        self.push(format_args!(
            "<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>"
        ));
    }

    pub(super) fn curve(&mut self, class: &str, curve: Curve, width: f64) {
        let Curve { from, control, to } = curve;
        let path = format!(
            "M{} {}Q{} {} {} {}",
            n(from.x),
            n(from.y),
            n(control.x),
            n(control.y),
            n(to.x),
            n(to.y)
        );
        let width = n(width);
        self.push(format_args!("<path class=\"{class}\" stroke-width=\"{width}\" d=\"{path}\"/>"));
    }

    pub(super) fn polyline(&mut self, class: &str, points: &[Point]) {
        let points: Vec<_> = points.iter().map(|p| format!("{},{}", n(p.x), n(p.y))).collect();
        self.push(format_args!("<polyline class=\"{class}\" points=\"{}\"/>", points.join(" ")));
    }

    pub(super) fn polygon(&mut self, class: &str, points: &[Point]) {
        let points: Vec<_> = points.iter().map(|p| format!("{},{}", n(p.x), n(p.y))).collect();
        self.push(format_args!("<polygon class=\"{class}\" points=\"{}\"/>", points.join(" ")));
    }

    pub(super) fn text(&mut self, class: &str, at: Point, anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let (x, y, text) = (n(at.x), n(at.y), escaped(text));
        self.push(format_args!(
            "<text class=\"{class}\" x=\"{x}\" y=\"{y}\"{anchor}>{text}</text>"
        ));
    }
}

/// How wide a text will be, on the safe side: fonts differ.
pub(super) fn text_width(text: &str, size: f64) -> f64 {
    let wide = |c: char| match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | '\'' | '|' | ' ' | '-' => 0.36,
        'm' | 'w' | 'M' | 'W' | '%' => 0.95,
        c if c.is_uppercase() => 0.74,
        c if c.is_ascii() => 0.62,
        _ => 0.9,
    };
    text.chars().map(wide).sum::<f64>() * size
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_numbers_are_short() {
        let mut svg = Svg::new(10.0, 20.25, "a <b> & \"c\"", "");
        svg.text("city", Point::new(1.0, 2.55), Anchor::End, "x\u{7}<y>");
        let text = svg.finish();
        assert!(text.contains("<title>a &lt;b&gt; &amp; &quot;c&quot;</title>"), "{text}");
        assert!(text.contains("text-anchor=\"end\">x &lt;y&gt;</text>"), "{text}");
        assert!(text.contains("width=\"10\" height=\"20.2\""), "{text}");
    }
}
