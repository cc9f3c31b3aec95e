/** Lets long lists of names be written as text, a few lines instead of hundreds. */

/** The words of a text that are separated by white space. */
export function wordList(text: string): readonly string[] {
  return text.trim().split(/\s+/)
}
