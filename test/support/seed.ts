/**
 * Properties are tried on the same examples in every run, so that a run tells of the change and not of its luck. Other
 * examples: STOPSIGN_TEST_SEED=$RANDOM npm test. A failure prints its seed and the smallest counterexample.
 */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['STOPSIGN_TEST_SEED'] ?? 20_261_122) });
