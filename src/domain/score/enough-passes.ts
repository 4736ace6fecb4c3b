/**
 * From how many passes on a score or a rank is told. With fewer, the interval of a share may be wider than 40 of 100
 * (Wilson's, where half of them stopped), and a rank moves by 5 and more with every pass.
 */
export const ENOUGH_PASSES = 20;
