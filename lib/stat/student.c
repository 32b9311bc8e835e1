#include "stat/student.h"

#include <math.h>

/* Abramowitz and Stegun 26.2.23 as the start, Newton steps on erfc after. */
double
normal_upper(double p)
{
	double t = sqrt(-2 * log(p)), x;
	int i;

	x = t - (2.515517 + t * (0.802853 + t * 0.010328)) /
	    (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
	for (i = 0; i < 3; i++)
		x += (0.5 * erfc(x / M_SQRT2) - p) /
		    (exp(-0.5 * x * x) / sqrt(2 * M_PI));
	return x;
}

/* Hill's statement of it is two-tailed: his P is 2p here. */
double
student_upper(double p, double df)
{
	double a = 1 / (df - 0.5), b = 48 / (a * a), c, d, x, y;

	c = ((20700 * a / b - 98) * a - 16) * a + 96.36;
	d = ((94.5 / (b + c) - 3) / b + 1) * sqrt(a * M_PI_2) * df;
	y = pow(d * 2 * p, 2 / df);
	if (y > 0.05 + a) {
		x = -normal_upper(p);
		y = x * x;
		if (df < 5)
			c += 0.3 * (df - 4.5) * (x + 0.6);
		c = (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b + c;
		y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) /
		    b + 1) * x;
		y = expm1(a * y * y);
	} else {
		y = ((1 / (((df + 6) / (df * y) - 0.089 * d - 0.822) *
		    (df + 2) * 3) + 0.5 / (df + 4)) * y - 1) *
		    (df + 1) / (df + 2) + 1 / y;
	}
	return sqrt(df * y);
}
