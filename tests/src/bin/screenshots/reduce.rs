//! Pictures with few colours, which take half the room.

use std::collections::HashMap;
use std::io::Cursor;

use png::{BitDepth, ColorType, Compression, Decoder, Encoder, Filter, Transformations};

/// The most colours that a palette has.
const COLOURS: usize = 256;

type Colour = [u8; 3];

/// The same picture with a palette. Colours that are much alike become one, the most frequent of them; those of text and surfaces stay.
pub(crate) fn reduced(picture: &[u8]) -> Vec<u8> {
    let mut decoder = Decoder::new(Cursor::new(picture));
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().expect("a PNG");
    let mut bytes = vec![0; reader.output_buffer_size().expect("a size")];
    let frame = reader.next_frame(&mut bytes).expect("a picture");
    let pixels: Vec<Colour> =
        bytes[..frame.buffer_size()].chunks_exact(frame.color_type.samples()).map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    let (palette, indexes) = palette(&pixels);

    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, frame.width, frame.height);
    encoder.set_color(ColorType::Indexed);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_palette(palette.concat());
    encoder.set_compression(Compression::High);
    encoder.set_filter(Filter::NoFilter);
    encoder.write_header().and_then(|mut writer| writer.write_image_data(&indexes)).expect("memory does not fail");
    out
}

/// The colours, and which of them each pixel has.
fn palette(pixels: &[Colour]) -> (Vec<Colour>, Vec<u8>) {
    let mut counts: HashMap<Colour, usize> = HashMap::new();
    for pixel in pixels {
        *counts.entry(*pixel).or_default() += 1;
    }
    let mut sorted: Vec<(Colour, usize)> = counts.into_iter().collect();
    sorted.sort_unstable_by_key(|(colour, count)| (std::cmp::Reverse(*count), *colour));
    // Coarser and coarser, until there are few enough.
    let fits = |bits: u32| {
        let mut found: HashMap<Colour, usize> = HashMap::new();
        let mut colours = Vec::new();
        for (colour, _) in &sorted {
            found.entry(colour.map(|part| part >> bits)).or_insert_with(|| {
                colours.push(*colour);
                colours.len() - 1
            });
        }
        (colours.len() <= COLOURS).then_some((colours, found, bits))
    };
    let (colours, found, bits) = (0..8).find_map(fits).expect("eight colours remain at last");
    let index = |pixel: &Colour| found[&pixel.map(|part| part >> bits)];
    let indexes = pixels.iter().map(|pixel| u8::try_from(index(pixel)).expect("there are few")).collect();
    (colours, indexes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequent_colours_stay_and_those_like_them_join_them() {
        let many = (0..=255).flat_map(|part| [[part, 0, 0], [0, part, 0]]);
        let pixels: Vec<Colour> = std::iter::repeat_n([255, 0, 1], 3).chain(many).collect();
        let (colours, indexes) = palette(&pixels);
        assert!(colours.len() <= COLOURS);
        assert_eq!(colours[usize::from(indexes[0])], [255, 0, 1]);
        let far = pixels
            .iter()
            .zip(&indexes)
            .filter(|(pixel, index)| colours[usize::from(**index)].iter().zip(*pixel).any(|(drawn, wanted)| drawn.abs_diff(*wanted) > 3));
        assert_eq!(far.count(), 0);
        assert_eq!(palette(&[[1, 2, 3], [4, 5, 6], [1, 2, 3]]), (vec![[1, 2, 3], [4, 5, 6]], vec![0, 1, 0]));
    }
}
