#ifndef MMTRAIN_CSTARTUP_H
#define MMTRAIN_CSTARTUP_H

// Linking this target is all there is to do: see environment.c.

#endif
