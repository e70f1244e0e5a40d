//! Colours and widths. The steps differ in width as well as in colour, so that the picture can be
//! read without telling red from green; both sets of colours keep their contrast to the ground.

/// A step of use: up to this part, this class, this width in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Step {
    pub(super) up_to: f64,
    pub(super) class: &'static str,
    pub(super) width: f64,
    pub(super) text: &'static str,
}

pub(super) const STEPS: [Step; 6] = [
    Step { up_to: 0.0, class: "u0", width: 1.6, text: "unused" },
    Step { up_to: 0.25, class: "u1", width: 3.0, text: "to 25 %" },
    Step { up_to: 0.50, class: "u2", width: 4.4, text: "to 50 %" },
    Step { up_to: 0.75, class: "u3", width: 5.8, text: "to 75 %" },
    Step { up_to: 0.90, class: "u4", width: 7.2, text: "to 90 %" },
    Step { up_to: f64::INFINITY, class: "u5", width: 9.0, text: "above 90 %" },
];

pub(super) fn step(part: f64) -> Step {
    STEPS.into_iter().find(|step| part <= step.up_to).unwrap_or(STEPS[5])
}

/// The class of the service of that number.
pub(super) fn service(number: usize) -> String {
    format!("s{number}")
}

pub(super) const STYLE: &str = "
text { font-family: system-ui, 'Segoe UI', 'Helvetica Neue', 'DejaVu Sans', sans-serif; fill: #1d2733; }
.ground { fill: #fbfcfd; }
.strip { fill: #eef2f6; }
.title { font-size: 20px; font-weight: 600; }
.sub, .key { font-size: 13px; fill: #4d5b6a; }
.city { font-size: 13px; font-weight: 600; paint-order: stroke; stroke: #fbfcfd; stroke-width: 3.5px; stroke-linejoin: round; }
.percent { font-size: 11px; font-weight: 600; paint-order: stroke; stroke: #fbfcfd; stroke-width: 3px; stroke-linejoin: round; }
.small { font-size: 10px; fill: #4d5b6a; }
.name { font-size: 11px; font-weight: 600; }
.place { fill: #ffffff; stroke: #1d2733; stroke-width: 2.2px; }
.half { fill: none; stroke-linecap: butt; }
.service { fill: none; stroke-width: 2.2px; stroke-dasharray: 7 4; stroke-linecap: round; }
.band { fill: #e6ebf1; }
.bandline { fill: none; stroke: #a3b0be; stroke-width: 1px; stroke-dasharray: 3 4; }
.leader { stroke: #8795a4; stroke-width: 1.4px; stroke-dasharray: 1.4 2.6; }
.cloud { fill: #ffffff; stroke: #8795a4; stroke-width: 1px; }
.rest { fill: #dde4eb; }
.u0 { stroke: #b4bfca; } .u1 { stroke: #3f8fd0; } .u2 { stroke: #1fa187; }
.u3 { stroke: #d9a514; } .u4 { stroke: #e8762c; } .u5 { stroke: #cf2440; }
.f0 { fill: #b4bfca; } .f1 { fill: #3f8fd0; } .f2 { fill: #1fa187; }
.f3 { fill: #d9a514; } .f4 { fill: #e8762c; } .f5 { fill: #cf2440; }
.t2 { fill: #14705d; } .t3 { fill: #8a6608; } .t4 { fill: #b04f10; } .t5 { fill: #b51733; }
.s0 { stroke: #7b3fb5; } .s1 { stroke: #0b7285; } .s2 { stroke: #b02a76; } .s3 { stroke: #3d5a1c; }
.s4 { stroke: #8a4b08; } .s5 { stroke: #1c4fa8; } .s6 { stroke: #5c5c5c; } .s7 { stroke: #00806a; }
@media (prefers-color-scheme: dark) {
  text { fill: #e7edf3; }
  .ground { fill: #12181f; }
  .strip { fill: #1b232c; }
  .sub, .key, .small { fill: #a9b6c4; }
  .city, .percent { stroke: #12181f; }
  .place { fill: #12181f; stroke: #e7edf3; }
  .band { fill: #1d2630; }
  .bandline { stroke: #556372; }
  .leader { stroke: #75828f; }
  .cloud { fill: #1b232c; stroke: #75828f; }
  .rest { fill: #35414d; }
  .u0 { stroke: #55626f; } .u1 { stroke: #58a9ea; } .u2 { stroke: #35c4a6; }
  .u3 { stroke: #ecc044; } .u4 { stroke: #f59150; } .u5 { stroke: #f4506a; }
  .f0 { fill: #55626f; } .f1 { fill: #58a9ea; } .f2 { fill: #35c4a6; }
  .f3 { fill: #ecc044; } .f4 { fill: #f59150; } .f5 { fill: #f4506a; }
  .t2 { fill: #35c4a6; } .t3 { fill: #ecc044; } .t4 { fill: #f59150; } .t5 { fill: #ff7a8f; }
  .s0 { stroke: #c39bf0; } .s1 { stroke: #5fd0e4; } .s2 { stroke: #f08cc4; } .s3 { stroke: #b5d98a; }
  .s4 { stroke: #e0aa6a; } .s5 { stroke: #8db4f5; } .s6 { stroke: #c8c8c8; } .s7 { stroke: #66e0c8; }
}
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_grow_with_use() {
        for (part, class) in [
            (0.0, "u0"),
            (0.001, "u1"),
            (0.25, "u1"),
            (0.251, "u2"),
            (0.9, "u4"),
            (0.95, "u5"),
            (3.0, "u5"),
        ] {
            assert_eq!(step(part).class, class, "{part}");
        }
        assert!(STEPS.windows(2).all(|pair| pair[0].width < pair[1].width));
    }
}
