/* Which sources a library was compiled from; the loader compares it with those beside it. */

#ifndef DOORSTEP_SOURCE_DIGEST
#error "compile with python -m edge.native.build, which defines DOORSTEP_SOURCE_DIGEST"
#endif

const char *doorstep_native_version(void)
{
    return DOORSTEP_SOURCE_DIGEST;
}
