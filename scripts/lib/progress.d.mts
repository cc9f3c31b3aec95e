export declare function progressOf(
  total: number,
  write?: (text: string) => void,
): {
  step<T>(name: string, work: () => T | Promise<T>): Promise<T>
  hand(name: string): void
}
