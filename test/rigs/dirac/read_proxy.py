"""What DIRAC's own code makes of a proxy's file: `read_proxy.py FILE` prints it as JSON."""

from __future__ import annotations

import json
import sys

from DIRAC.Core.Security.m2crypto.X509Chain import X509Chain


def value(answer: dict) -> object:
    """Return what a call of DIRAC's gives, or end with what it says."""
    return answer["Value"] if answer["OK"] else sys.exit(str(answer["Message"]))


chain = X509Chain()
value(chain.loadProxyFromFile(sys.argv[1]))
names = ("isProxy", "isLimitedProxy", "isRFC", "isVOMS", "hasExpired", "getNumCertsInChain", "getRemainingSecs")
told = {name: value(getattr(chain, name)()) for name in names}
told["group"] = value(chain.getDIRACGroup(ignoreDefault=True))
told["isValidProxy"] = bool(chain.isValidProxy(ignoreDefault=True)["OK"])
told["identity"] = value(chain.getCredentials(ignoreDefault=True, withRegistryInfo=False))["identity"]
print(json.dumps(told))
