#ifndef RESIN_STUDENT_H
#define RESIN_STUDENT_H

/*
 * student - upper quantiles: the x that is exceeded with probability `p`,
 * 0 < p < 0.5, by a standard normal variable and by Student's t with `df` > 1
 * degrees of freedom (G. W. Hill, Algorithm 396, CACM 13, 1970; six digits).
 */
double normal_upper(double p);
double student_upper(double p, double df);

#endif
