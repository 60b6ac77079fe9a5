// Bytes and numbers as people read them.

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The bytes of a protobuf field, which JSON has as base64. */
export const bytesOf = (base64) => Uint8Array.from(atob(base64 ?? ""), (character) => character.charCodeAt(0));

/** Base64 of a text's UTF-8. */
export const base64Of = (text) =>
  btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));

/** UTF-8 as text; what is not UTF-8 becomes U+FFFD. */
export const textOf = (bytes) => decoder.decode(bytes);

const acting = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff]/g;

/**
 * A text with its control characters made visible, but for line ends and tabs: an escape sequence, or a sign that turns
 * the direction of writing, must not act on what stands beside it.
 */
export function plain(text) {
  return text.replace(acting, (sign) => {
    const code = sign.codePointAt(0);
    if (code < 0x20) return String.fromCodePoint(0x2400 + code);
    return code === 0x7f ? "\u2421" : `\u27e8U+${code.toString(16).toUpperCase().padStart(4, "0")}\u27e9`;
  });
}

/** A token's text on one line, white space visible. */
export const piece = (bytes) => {
  const text = textOf(bytes);
  if (text.includes("\ufffd")) return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return text.replaceAll("\n", "\u21b5").replaceAll("\t", "\u21e5").replaceAll(" ", "\u00b7");
};

/** A size in the unit that fits. */
export function size(value) {
  let amount = Number(value ?? 0);
  for (const unit of ["B", "KiB", "MiB", "GiB"]) {
    if (amount < 1024 || unit === "GiB") return `${amount.toFixed(amount < 10 && unit !== "B" ? 1 : 0)} ${unit}`;
    amount /= 1024;
  }
}

/** What a name of an enumeration says, such as "ready" of MODEL_STATE_READY. */
export const word = (name, prefix) => (name ?? "").replace(prefix, "").toLowerCase();
/** A whole number with separators. */
export const count = (value) => Number(value ?? 0).toLocaleString("en");
/** A number with its noun, in the plural where it needs it. */
export const counted = (value, noun) => `${count(value)} ${noun}${Number(value) === 1 ? "" : "s"}`;

/** A probability in percent. */
export function percent(probability) {
  const value = 100 * probability;
  if (value > 0 && value < 0.01) return "<0.01 %";
  return `${value.toFixed(value >= 99.95 || value === 0 ? 0 : value >= 10 ? 1 : 2)} %`;
}

/** Seconds of a protobuf duration, such as "1.250s". */
export const seconds = (duration) => Number.parseFloat(duration ?? "0");
