"""Upper bounds of ε that the tests of the accountant `prv` are held to, by the authors' own program, and one ε of Opacus'.

pip install prv-accountant==0.2.0 opacus==1.6.0 --no-deps; Python 3.11, numpy 2.4.6, scipy 1.17.1. Nothing is drawn.
"""

from opacus.accountants.analysis import rdp
from prv_accountant import PRVAccountant
from prv_accountant.privacy_random_variables import PoissonSubsampledGaussianMechanism

for rate, noise, steps, delta in [
    (0.04, 1.5, 2249, 1e-5), (0.001, 0.8, 100, 1e-6), (0.05, 1.5, 1000, 1e-6), (0.001, 1.5, 20000, 1e-6),
    (0.2, 2, 100, 1e-6), (0.01, 1, 1000, 1e-5), (0.1, 2, 300, 1e-4), (0.25, 4, 200, 1e-3),
]:
    loss = PoissonSubsampledGaussianMechanism(noise_multiplier=noise, sampling_probability=rate)
    accountant = PRVAccountant(prvs=[loss], max_self_compositions=[steps], eps_error=0.01, delta_error=delta / 1000)
    print(rate, noise, steps, delta, "%.10f" % accountant.compute_epsilon(delta, [steps])[2])

orders = [1 + x / 10 for x in range(1, 100)] + list(range(12, 64))
divergences = rdp.compute_rdp(q=0.04, noise_multiplier=1.356201171875, steps=2000, orders=orders)
print("%.10f" % rdp.get_privacy_spent(orders=orders, rdp=divergences, delta=1e-5)[0])
