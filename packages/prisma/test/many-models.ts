/** A schema of many related models and a program over it, to measure what types cost. */

export function manyModelsSchema(count: number): string {
  const at = (index: number): number => (index + count) % count
  const models = Array.from(
    { length: count },
    (_, i) => `model M${i} {
  id       Int      @id @default(autoincrement())
  name     String
  text     String?
  count    Int      @default(0)
  price    Decimal
  flag     Boolean  @default(false)
  at       DateTime @default(now())
  data     Json?
  nextId   Int?
  next     M${at(i + 1)}? @relation("next${i}", fields: [nextId], references: [id])
  previous M${at(i - 1)}[] @relation("next${at(i - 1)}")
  tags     M${at(i + 3)}[] @relation("tags${i}")
  tagged   M${at(i - 3)}[] @relation("tags${at(i - 3)}")
}`,
  )
  return `datasource db {\n  provider = "postgresql"\n}\n\n${models.join('\n\n')}\n`
}

/** Five operations on each of some models of the client called `prisma`. groupBy is left out: it costs a plain client more. */
export function manyModelsProgram(models: readonly number[]): string {
  return models
    .map(
      (i) => `
export async function use${i}() {
  const many = await prisma.m${i}.findMany({
    where: { name: 'x', next: { flag: true } },
    include: { next: true, tags: { include: { previous: true } } },
    orderBy: { id: 'asc' },
  })
  const one = await prisma.m${i}.findUnique({ where: { id: 1 }, select: { price: true, next: { select: { name: true } } } })
  const count = await prisma.m${i}.count({ where: { count: { gt: 1 } } })
  const created = await prisma.m${i}.create({ data: { name: 'n', price: 1, next: { connect: { id: 2 } } } })
  const updated = await prisma.m${i}.update({ where: { id: 1 }, data: { count: { increment: 1 } } })
  return [many[0]?.tags[0]?.previous[0]?.name, one?.next?.name, count.toFixed(), created.id, updated.at] as const
}`,
    )
    .join('\n')
}
