#ifndef RESIN_BINOMIAL_H
#define RESIN_BINOMIAL_H

/*
 * The probability of at least `k` successes in `n` trials of probability `p`:
 * the regularized incomplete beta function I_p(k, n - k + 1), also for k and n
 * that are not whole.  1 for k <= 0, 0 for k > n.
 */
double binomial_tail(double k, double n, double p);

#endif
