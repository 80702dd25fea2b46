//! Pictures with few colours, which take half the room.

use std::collections::HashMap;
use std::io::Cursor;

use png::{BitDepth, ColorType, Compression, Decoder, Encoder, Filter, Transformations};

/// The most colours that a palette has.
const COLOURS: usize = 256;

type Colour = [u8; 3];

/// The same picture with a palette of its most frequent colours. The others, which are at the edges of letters, become the nearest of them.
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

/// The most frequent colours, and which of them is nearest to each pixel.
fn palette(pixels: &[Colour]) -> (Vec<Colour>, Vec<u8>) {
    let mut counts: HashMap<Colour, usize> = HashMap::new();
    for pixel in pixels {
        *counts.entry(*pixel).or_default() += 1;
    }
    let mut sorted: Vec<(Colour, usize)> = counts.into_iter().collect();
    sorted.sort_unstable_by_key(|(colour, count)| (std::cmp::Reverse(*count), *colour));
    let colours: Vec<Colour> = sorted.iter().take(COLOURS).map(|(colour, _)| *colour).collect();
    let indexes: HashMap<Colour, u8> = sorted.iter().map(|(colour, _)| (*colour, nearest(&colours, *colour))).collect();
    let indexes = pixels.iter().map(|pixel| indexes[pixel]).collect();
    (colours, indexes)
}

fn nearest(colours: &[Colour], wanted: Colour) -> u8 {
    let distance = |colour: &Colour| colour.iter().zip(wanted).map(|(part, wanted)| u32::from(part.abs_diff(wanted)).pow(2)).sum::<u32>();
    (0..=255).zip(colours).min_by_key(|(_, colour)| distance(colour)).map_or(0, |(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequent_colours_stay_and_others_become_the_nearest_of_them() {
        assert_eq!(palette(&[[1, 2, 3], [4, 5, 6], [1, 2, 3]]), (vec![[1, 2, 3], [4, 5, 6]], vec![0, 1, 0]));
        let frequent = (0..=255).flat_map(|part| [[part, part, part]; 2]);
        let pixels: Vec<Colour> = std::iter::once([9, 10, 12]).chain(frequent).collect();
        let (colours, indexes) = palette(&pixels);
        assert_eq!((colours.len(), colours[usize::from(indexes[0])]), (COLOURS, [10, 10, 10]));
        assert!(pixels.iter().zip(indexes).skip(1).all(|(pixel, index)| colours[usize::from(index)] == *pixel));
    }
}
