// Prints `N passed, N failed, N skipped` from vitest's JSON report; no report counts as one failure.
import { readFileSync } from 'node:fs'

const report = read(process.argv[2])
// A file that fails before its tests are known (an import, a hook) has no failed test in it, and must count too.
const brokenFiles = report.testResults.filter(
  (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
).length
const failed = report.numFailedTests + brokenFiles
console.log(
  `${report.numPassedTests} passed, ${failed} failed, ${report.numPendingTests + report.numTodoTests} skipped`,
)
if (failed > 0 || report.numPassedTests === 0) process.exitCode = 1

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    console.error(`No test report: ${error.message}`)
    return { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, numTodoTests: 0, testResults: [] }
  }
}
