"""keep a built tiny project"""
import pytest
def test_keep(built):
    import shutil
    shutil.rmtree('/tmp/R/proj', ignore_errors=True)
    shutil.copytree(built.folder, '/tmp/R/proj', symlinks=False)
