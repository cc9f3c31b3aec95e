// The cases that hold for every ORM, for Prisma.

import { describe } from 'vitest'
import { loadContract } from '../contract/load-contract.ts'
import { orderingContract } from '../contract/ordering-contract.ts'
import { transactionContract } from '../contract/transaction-contract.ts'
import { unknownOutcomeContract } from '../contract/unknown-outcome-contract.ts'
import { prismaContract } from './prisma-contract.ts'
import { describeShop } from './prisma-shop.ts'

await describeShop('Prisma', (shop) => {
  const suite = prismaContract(shop)
  describe('ordering', () => orderingContract(suite))
  describe('transactions', () => transactionContract(suite))
  describe('load', () => loadContract(suite))
  describe('unknown outcome', () => unknownOutcomeContract(suite))
})
