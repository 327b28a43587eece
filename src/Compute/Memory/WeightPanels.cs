using Causerie.Compute.Formats;
using Causerie.Compute.Threading;

namespace Causerie.Compute.Memory;

/// <summary>The matrices of a model with sixteen rows side by side, as the kernels read them.</summary>
/// <remarks>
/// Panels have every byte of the file's rows in another order, so they need no more memory; the file's own pages are
/// given back as soon as they are copied. Matrices whose rows are not whole units, which small models may have, stay.
/// </remarks>
public sealed unsafe class WeightPanels
{
    private const int Alignment = 4096;

    /// <summary>What is resident twice at most while weights move.</summary>
    private const long PieceBytes = 16 << 20;

    private readonly WeightStorage[] _storages;
    private readonly PanelMatrix[] _matrices;

    private WeightPanels(WeightStorage[] storages, PanelMatrix[] matrices, long bytes)
    {
        _storages = storages;
        _matrices = matrices;
        Bytes = bytes;
    }

    /// <summary>Bytes of all panels, each matrix beginning on a page.</summary>
    public long Bytes { get; }

    /// <summary>Matrices that are moved.</summary>
    public int Count => _storages.Length;

    /// <summary>Plans the panels of <paramref name="matrices"/>; slices of one matrix count once.</summary>
    /// <exception cref="OverflowException">Their bytes exceed 64 bits.</exception>
    public static WeightPanels Of(IEnumerable<WeightMatrix> matrices)
    {
        WeightStorage[] storages =
            [.. matrices.Select(matrix => matrix.Storage).Distinct().Where(storage => storage.FitsPanels && !storage.Place.InPanels)];
        var places = new PanelMatrix[storages.Length];
        long end = 0;
        for (int i = 0; i < storages.Length; i++)
        {
            places[i] = Describe(storages[i], end);
            end = checked(end + places[i].Length);
            end = checked((end + Alignment - 1) / Alignment * Alignment);
        }

        return new WeightPanels(storages, places, end);
    }

    /// <summary>The matrices in the panels' order, for those who keep panels.</summary>
    public IReadOnlyList<PanelMatrix> Matrices => _matrices;

    /// <summary>Copies all matrices to new memory on all threads; from then on they are read there.</summary>
    /// <param name="pool">The threads.</param>
    /// <param name="progress">Told the part that is done, 0 to 1.</param>
    /// <param name="cancellationToken">Ends the work between two pieces; the matrices then stay where they are.</param>
    /// <returns>The memory; disposed of when the matrices are not used any more.</returns>
    /// <exception cref="OutOfMemoryException">There is no memory.</exception>
    /// <exception cref="FileChangedException">The file was cut meanwhile.</exception>
    /// <exception cref="InvalidOperationException">A matrix is in panels already.</exception>
    public MemoryRegion Build(
        WorkerPool pool, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        RefuseMoved();
        var memory = AnonymousMemory.Allocate(Bytes, "the weights");
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (int i = 0; i < _storages.Length; i++)
            {
                long before = _matrices[i].Offset;
                Copy(_storages[i], memory.Start + before, pool, copied =>
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    progress?.Report((double)(before + copied) / Bytes);
                });
            }

            progress?.Report(1); // The last page may end after the last matrix.
        }
        catch
        {
            memory.Dispose();
            throw;
        }

        for (int i = 0; i < _storages.Length; i++)
            _storages[i].MoveTo(memory, memory.Start + _matrices[i].Offset);
        return memory;
    }

    /// <summary>Reads all matrices from a file that holds the panels from <paramref name="offset"/> on.</summary>
    /// <param name="file">The file; disposed of when the matrices are not used any more.</param>
    /// <param name="offset">A multiple of 64.</param>
    /// <exception cref="ArgumentOutOfRangeException">They do not lie inside the file.</exception>
    /// <exception cref="InvalidOperationException">A matrix is in panels already.</exception>
    public void Adopt(MappedFile file, long offset)
    {
        RefuseMoved();
        ArgumentOutOfRangeException.ThrowIfNotEqual(offset % 64, 0, nameof(offset));
        byte* start = file.Pointer(offset, Bytes);
        for (int i = 0; i < _storages.Length; i++)
            _storages[i].MoveTo(file, start + _matrices[i].Offset);
    }

    /// <summary>
    /// Copies adopted matrices from their file to huge pages, one after another, while products go on: a file's small
    /// pages cost a fifth of the speed of generation.
    /// </summary>
    /// <param name="cancellationToken">Ends the work; matrices not copied by then stay in the file.</param>
    /// <remarks>A file that changes meanwhile ends it, too; who reads the rest is told.</remarks>
    /// <returns>The memory; null where the system has no huge pages to give.</returns>
    /// <exception cref="OutOfMemoryException">There is no memory.</exception>
    public MemoryRegion? MoveToHugePages(CancellationToken cancellationToken)
    {
        if (!AnonymousMemory.HasHugePages)
            return null;
        var memory = AnonymousMemory.Allocate(Bytes, "the weights");
        for (int i = 0; i < _storages.Length; i++)
        {
            var place = _storages[i].Place;
            byte* target = memory.Start + _matrices[i].Offset;
            long length = _matrices[i].Length;
            place.Region.Enter();
            try
            {
                for (long at = 0; at < length && !cancellationToken.IsCancellationRequested; at += PieceBytes)
                {
                    long bytes = Math.Min(PieceBytes, length - at);
                    (place.Region as MappedFile)?.ThrowIfChanged();
                    Buffer.MemoryCopy(place.Data + at, target + at, bytes, bytes);
                    MappedFile.Forget(place.Data + at, bytes); // A product under way finds them in the file's cache.
                }

                if (cancellationToken.IsCancellationRequested)
                    break;
                _storages[i].MoveTo(memory, target);
            }
            catch (FileChangedException)
            {
                break;
            }
            finally
            {
                place.Region.Exit();
            }
        }

        return memory;
    }

    /// <summary>Some bytes of all panels, once they are built or adopted; valid until the memory is disposed of.</summary>
    /// <param name="start">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <exception cref="InvalidOperationException">They are neither.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The bytes are not inside the panels.</exception>
    /// <exception cref="ObjectDisposedException">The memory is given back.</exception>
    public ReadOnlySpan<byte> Slice(long start, int length)
    {
        if (_storages.Length == 0 || !_storages[0].Place.InPanels)
            throw new InvalidOperationException("The panels are not built.");
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Bytes - length);
        var place = _storages[0].Place;
        place.Region.Enter();
        place.Region.Exit();
        return new ReadOnlySpan<byte>(place.Data + start, length);
    }

    private static PanelMatrix Describe(WeightStorage storage, long offset)
    {
        var place = storage.Place;
        var (source, at) = place.Region is MappedFile file ? (file.Path, file.OffsetOf(place.Data)) : ("", 0);
        return new PanelMatrix(
            storage.Format.Id, storage.Rows, storage.Columns, storage.Format.Layout.Fingerprint, source, at, offset,
            PanelLayout.BytesOf(storage.Rows, storage.RowBytes));
    }

    /// <summary>Panels of panels would be noise.</summary>
    private void RefuseMoved()
    {
        if (Array.Exists(_storages, storage => storage.Place.InPanels))
            throw new InvalidOperationException("The matrices are in panels already.");
    }

    private static void Copy(WeightStorage storage, byte* target, WorkerPool pool, Action<long> copied)
    {
        var place = storage.Place;
        long panelBytes = storage.RowBytes * PanelLayout.Rows;
        int panels = (int)(((long)storage.Rows + PanelLayout.Rows - 1) / PanelLayout.Rows);
        int ofPiece = (int)Math.Clamp(PieceBytes / panelBytes, 1, panels);
        place.Region.Enter();
        try
        {
            for (int first = 0; first < panels; first += ofPiece)
            {
                int count = Math.Min(ofPiece, panels - first);
                (place.Region as MappedFile)?.ThrowIfChanged();
                ReadAhead(storage, place, panelBytes * (first + count), PieceBytes);
                var work = new Packing { Storage = storage, Source = place.Data, Target = target, First = first };
                pool.Run(count, ref work);
                if (place.Region is MappedFile)
                    MappedFile.Forget(
                        place.Data + (panelBytes * first),
                        Math.Min(count * panelBytes, (storage.Rows * storage.RowBytes) - (panelBytes * first)));
                copied((first + count) * panelBytes);
            }
        }
        finally
        {
            place.Region.Exit();
        }
    }

    /// <summary>What is copied next comes from the disk while this is copied.</summary>
    private static void ReadAhead(WeightStorage storage, WeightPlace place, long from, long length)
    {
        if (place.Region is MappedFile)
            MappedFile.WillNeed(place.Data + from, Math.Min(length, (storage.Rows * storage.RowBytes) - from));
    }

    private struct Packing : IChunkedWork
    {
        public WeightStorage Storage;
        public byte* Source;
        public byte* Target;
        public int First;

        public readonly void Run(int chunk, int worker)
        {
            var layout = Storage.Format.Layout;
            int row = (First + chunk) * PanelLayout.Rows;
            layout.Pack(
                Source + (Storage.RowBytes * row), (nint)Storage.RowBytes, Math.Min(PanelLayout.Rows, Storage.Rows - row),
                Storage.Columns / layout.Length, Target + (Storage.RowBytes * row));
        }
    }
}
