// URLs as the MariaDB driver wants them.

/**
 * The address of a database on the same server. The driver knows only its own scheme and insists on a database; the
 * default exists on every server.
 */
export function mariadbUrl(
  server: string,
  database = 'information_schema',
  parameters: Readonly<Record<string, string>> = {},
): string {
  const address = new URL(server.replace(/^mysql:/, 'mariadb:'))
  address.pathname = database
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value)
  return address.href
}
