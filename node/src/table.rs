//! Text tables: columns as wide as their widest cell, numbers to the right.

pub(crate) use playfair_host::hex::encode as hex;

/// A table with a header row, numbers to the right.
pub(crate) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    aligned(header, rows, true)
}

/// A table of words: all columns to the left.
pub(crate) fn left(header: &[&str], rows: &[Vec<String>]) -> String {
    aligned(header, rows, false)
}

fn aligned(header: &[&str], rows: &[Vec<String>], numbers: bool) -> String {
    let mut widths: Vec<usize> = header.iter().map(|cell| cell.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let numeric: Vec<bool> = (0..header.len())
        .map(|column| {
            let mut cells = rows.iter().filter_map(|row| row.get(column));
            numbers && cells.all(|cell| cell.starts_with(|c: char| c.is_ascii_digit()) || cell.is_empty())
        })
        .collect();
    let line = |cells: &[String]| {
        let mut text = String::new();
        for ((cell, width), numeric) in cells.iter().zip(&widths).zip(&numeric) {
            let pad = " ".repeat(width - cell.chars().count().min(*width));
            if *numeric {
                text.push_str(&format!("{pad}{cell}  "));
            } else {
                text.push_str(&format!("{cell}{pad}  "));
            }
        }
        text.truncate(text.trim_end().len());
        text
    };
    let header: Vec<String> = header.iter().map(|cell| (*cell).to_owned()).collect();
    let mut lines = vec![line(&header)];
    lines.extend(rows.iter().map(|row| line(row)));
    lines.join("\n")
}

/// A number with thousands separated.
pub(crate) fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_to_the_right() {
        let rows = [
            vec!["a".to_owned(), number(1_234_567)],
            vec!["long".to_owned(), number(9)],
        ];
        assert_eq!(
            table(&["name", "gas"], &rows),
            "name        gas\na     1,234,567\nlong          9"
        );
        assert_eq!(hex(&[0, 255]), "00ff");
    }
}
