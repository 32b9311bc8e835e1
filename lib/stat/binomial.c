#include <math.h>

#include "stat/binomial.h"

/* lgamma(3) writes a global; ours need not. */
static double
log_gamma(double x)
{
	int sign;

	return lgamma_r(x, &sign);
}

/* The continued fraction of I_x(a, b), by Lentz's method (DLMF 8.17.22). */
static double
fraction(double a, double b, double x)
{
	const double tiny = 1e-300;
	double c = 1, d = 1 - (a + b) * x / (a + 1), h;

	d = 1 / (fabs(d) < tiny ? tiny : d);
	h = d;
	for (int m = 1; m < 1000; m++) {
		double step = 1;

		for (int odd = 0; odd < 2; odd++) {
			double k = odd ?
			    -(a + m) * (a + b + m) * x /
			    ((a + 2 * m) * (a + 2 * m + 1)) :
			    m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));

			d = 1 + k * d;
			c = 1 + k / c;
			d = 1 / (fabs(d) < tiny ? tiny : d);
			c = fabs(c) < tiny ? tiny : c;
			step = d * c;
			h *= step;
		}
		if (fabs(step - 1) < 1e-14)
			break;
	}
	return h;
}

double
binomial_tail(double k, double n, double p)
{
	double a = k, b = n - k + 1, front;

	if (k <= 0 || p >= 1)
		return 1;
	if (k > n || p <= 0)
		return 0;
	front = exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) +
	    a * log(p) + b * log1p(-p));
	if (p < (a + 1) / (a + b + 2))
		return front * fraction(a, b, p) / a;
	return 1 - front * fraction(b, a, 1 - p) / b;
}
