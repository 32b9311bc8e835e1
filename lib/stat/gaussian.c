#include <math.h>

#include "stat/gaussian.h"

typedef double matrix[GAUSSIAN_MAX][GAUSSIAN_MAX];

static void
class_means(struct gaussian *g, const double *x, const bool *bad, size_t n,
    const size_t count[2])
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < g->dim; k++)
			g->mean[bad[i]][k] += x[i * g->dim + k] /
			    (double)count[bad[i]];
}

/* The pooled covariance, with the ridge. */
static void
covariance(const struct gaussian *g, const double *x, const bool *bad,
    size_t n, matrix s)
{
	double free = n > 2 ? (double)(n - 2) : 1;

	for (size_t j = 0; j < g->dim; j++)
		for (size_t k = 0; k <= j; k++) {
			double sum = 0;

			for (size_t i = 0; i < n; i++)
				sum += (x[i * g->dim + j] -
					   g->mean[bad[i]][j]) *
				    (x[i * g->dim + k] - g->mean[bad[i]][k]);
			s[j][k] = s[k][j] = sum / free;
		}
	for (size_t j = 0; j < g->dim; j++)
		s[j][j] += 0.1 * s[j][j] + 1e-3;
}

/* s becomes its Cholesky factor, lower left; it is positive definite. */
static void
factor(matrix s, size_t dim)
{
	for (size_t j = 0; j < dim; j++) {
		for (size_t k = 0; k < j; k++)
			s[j][j] -= s[j][k] * s[j][k];
		s[j][j] = sqrt(fmax(s[j][j], 1e-12));
		for (size_t i = j + 1; i < dim; i++) {
			for (size_t k = 0; k < j; k++)
				s[i][j] -= s[i][k] * s[j][k];
			s[i][j] /= s[j][j];
		}
	}
}

/* Solves L L' w = b in place. */
static void
solve(matrix l, size_t dim, double *b)
{
	for (size_t i = 0; i < dim; i++) {
		for (size_t k = 0; k < i; k++)
			b[i] -= l[i][k] * b[k];
		b[i] /= l[i][i];
	}
	for (size_t i = dim; i-- > 0;) {
		for (size_t k = i + 1; k < dim; k++)
			b[i] -= l[k][i] * b[k];
		b[i] /= l[i][i];
	}
}

const char *
gaussian_fit(struct gaussian *g, const double *x, const bool *bad, size_t n,
    size_t dim)
{
	size_t count[2] = { 0, 0 };
	matrix s;

	*g = (struct gaussian){ .dim = dim };
	for (size_t i = 0; i < n; i++)
		count[bad[i]]++;
	if (count[0] == 0 || count[1] == 0)
		return "needs good and bad examples";
	class_means(g, x, bad, n, count);
	covariance(g, x, bad, n, s);
	factor(s, dim);
	for (size_t k = 0; k < dim; k++)
		g->weight[k] = g->mean[1][k] - g->mean[0][k];
	solve(s, dim, g->weight);
	g->bias = log((double)count[1] / (double)count[0]);
	for (size_t k = 0; k < dim; k++)
		g->bias -= g->weight[k] * (g->mean[0][k] + g->mean[1][k]) / 2;
	return NULL;
}

double
gaussian_logit(const struct gaussian *g, const double *x)
{
	double z = g->bias;

	for (size_t k = 0; k < g->dim; k++)
		z += g->weight[k] * x[k];
	return z;
}
