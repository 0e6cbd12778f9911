//! What a panic does in a module: it shows where and why, and traps.

use core::panic::PanicInfo;

/// Logs the place, and the message if it needs no formatting (which would cost every module kilobytes), and traps.
pub fn panicked(info: &PanicInfo<'_>) -> ! {
    let text = info.message().as_str().unwrap_or("(message with arguments)");
    match info.location() {
        Some(place) => {
            let mut digits = [0; 10];
            super::log_bytes(&[
                b"panic at ",
                place.file().as_bytes(),
                b":",
                decimal(place.line(), &mut digits),
                b": ",
                text.as_bytes(),
            ]);
        }
        None => super::log_bytes(&[b"panic: ", text.as_bytes()]),
    }
    core::arch::wasm32::unreachable()
}

fn decimal(mut number: u32, digits: &mut [u8; 10]) -> &[u8] {
    let mut start = digits.len();
    for (at, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
        start = at;
        if number == 0 {
            break;
        }
    }
    digits.get(start..).unwrap_or(b"?")
}
