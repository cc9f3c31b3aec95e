// A promise that somebody else resolves: what tests wait for instead of time.

export interface Signal {
  readonly given: Promise<void>
  give(): void
}

export function signal(): Signal {
  let give: () => void = () => {}
  const given = new Promise<void>((resolve) => {
    give = resolve
  })
  return { given, give }
}
