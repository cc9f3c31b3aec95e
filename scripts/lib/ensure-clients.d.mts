export declare function ensureClients(options?: {
  readonly root?: string
  readonly say?: (line: string) => void
}): Promise<'up to date' | 'generated'>
