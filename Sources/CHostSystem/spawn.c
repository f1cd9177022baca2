#include "CHostSystem.h"
