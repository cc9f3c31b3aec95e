/** @larder/core/testing: contract suites for authorities and stores, and what tests of adapters compare with. */

export { type AuthorityUnderTest, authorityContract, type ContractCase } from './contract/authority-contract.ts'
export { type StoreUnderTest, storeContract } from './contract/store-contract.ts'
export { sameValue } from './value/same-value.ts'
