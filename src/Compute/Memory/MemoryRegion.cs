namespace Causerie.Compute.Memory;

/// <summary>Memory that weights lie in: kernels hold it while they read, whoever disposes of it meanwhile.</summary>
public abstract class MemoryRegion : IDisposable
{
    /// <summary>Keeps the bytes in place until <see cref="Exit"/>, also when another thread disposes of them.</summary>
    /// <exception cref="ObjectDisposedException">They are gone.</exception>
    internal abstract void Enter();

    /// <summary>Ends what <see cref="Enter"/> began.</summary>
    internal abstract void Exit();

    /// <summary>Gives the memory back as soon as nobody is inside.</summary>
    public abstract void Dispose();
}
